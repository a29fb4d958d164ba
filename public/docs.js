// Renders the API reference with the self-hosted Swagger UI. `validatorUrl: null` prevents requests to other hosts.
SwaggerUIBundle({ url: '/openapi.json', dom_id: '#reference', validatorUrl: null })
