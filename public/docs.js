// Draws the reference with the self-hosted Swagger UI; nothing is asked of another host.
SwaggerUIBundle({ url: '/openapi.json', dom_id: '#reference', validatorUrl: null })
