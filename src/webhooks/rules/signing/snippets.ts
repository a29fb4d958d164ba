/*
 * Code that verifies our signature, to copy into a receiver. It needs no library, so it can be tried at once. The last
 * one sends a signed request to a receiver, to see whether it verifies. Tests run those for which the machine has a
 * runtime.
 */

export interface Snippet {
  language: string
  code: string
}

const JAVASCRIPT = `// Node.js. body: the request body as text, exactly as received.
import { createHmac, timingSafeEqual } from 'node:crypto'

export function verify(body, headers, secret) {
  const id = headers['webhook-id']
  const timestamp = headers['webhook-timestamp']
  if (!(Math.abs(Date.now() / 1000 - timestamp) <= 300)) throw new Error('The timestamp is not current.')
  const key = Buffer.from(secret.replace('whsec_', ''), 'base64')
  const expected = createHmac('sha256', key).update(\`\${id}.\${timestamp}.\${body}\`).digest()
  for (const part of headers['webhook-signature'].split(' ')) {
    const [version, signature = ''] = part.split(',')
    const given = Buffer.from(signature, 'base64')
    const isEqual = given.length === expected.length && timingSafeEqual(given, expected)
    if (version === 'v1' && isEqual) return JSON.parse(body)
  }
  throw new Error('No signature matches.')
}`

const PYTHON = `# body: the request body as bytes, exactly as received.
import base64, hashlib, hmac, json, time

def verify(body, headers, secret):
    message_id = headers["webhook-id"]
    timestamp = headers["webhook-timestamp"]
    if abs(time.time() - int(timestamp)) > 300:
        raise ValueError("The timestamp is not current.")
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{message_id}.{timestamp}.".encode() + body
    expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    for part in headers["webhook-signature"].split(" "):
        version, _, signature = part.partition(",")
        if version == "v1" and hmac.compare_digest(signature, expected):
            return json.loads(body)
    raise ValueError("No signature matches.")`

const PHP = `<?php
// $body: file_get_contents('php://input'). $headers: with lower-case names.
function verify(string $body, array $headers, string $secret): array {
    $id = $headers['webhook-id'];
    $timestamp = $headers['webhook-timestamp'];
    if (abs(time() - (int) $timestamp) > 300) throw new Exception('The timestamp is not current.');
    $key = base64_decode(str_replace('whsec_', '', $secret));
    $expected = base64_encode(hash_hmac('sha256', "$id.$timestamp.$body", $key, true));
    foreach (explode(' ', $headers['webhook-signature']) as $part) {
        [$version, $signature] = explode(',', $part, 2) + ['', ''];
        if ($version === 'v1' && hash_equals($expected, $signature)) return json_decode($body, true);
    }
    throw new Exception('No signature matches.');
}`

const GO = `package webhooks

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Verify checks a request. body is exactly as received.
func Verify(body []byte, headers http.Header, secret string) error {
	id, timestamp := headers.Get("webhook-id"), headers.Get("webhook-timestamp")
	seconds, err := strconv.ParseInt(timestamp, 10, 64)
	if err != nil || math.Abs(float64(time.Now().Unix()-seconds)) > 300 {
		return errors.New("the timestamp is not current")
	}
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
	if err != nil {
		return err
	}
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(id + "." + timestamp + "."))
	mac.Write(body)
	expected := []byte("v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	for _, part := range strings.Split(headers.Get("webhook-signature"), " ") {
		if hmac.Equal([]byte(part), expected) {
			return nil
		}
	}
	return errors.New("no signature matches")
}`

const RUBY = `# body: request.body.read, exactly as received. headers: with lower-case names.
require 'base64'
require 'json'
require 'openssl'

def verify(body, headers, secret)
  id, timestamp = headers.values_at('webhook-id', 'webhook-timestamp')
  raise 'The timestamp is not current.' if (Time.now.to_i - Integer(timestamp)).abs > 300
  key = Base64.decode64(secret.delete_prefix('whsec_'))
  expected = 'v1,' + Base64.strict_encode64(OpenSSL::HMAC.digest('SHA256', key, "#{id}.#{timestamp}.#{body}"))
  parts = headers['webhook-signature'].split(' ')
  raise 'No signature matches.' unless parts.any? { |part| OpenSSL.secure_compare(part, expected) }
  JSON.parse(body)
end`

const CURL = `# Sends a signed request to your receiver. Set SECRET and URL first.
ID=msg_test
TIMESTAMP=$(date +%s)
BODY='{"type":"ping","data":{}}'
KEY=$(printf %s "\${SECRET#whsec_}" | base64 -d | od -An -v -tx1 | tr -d ' \\n')
SIGNATURE=$(printf %s "$ID.$TIMESTAMP.$BODY" | openssl dgst -sha256 -mac HMAC -macopt "hexkey:$KEY" -binary | base64)
curl -i "$URL" -H 'Content-Type: application/json' -H "webhook-id: $ID" -H "webhook-timestamp: $TIMESTAMP" \\
  -H "webhook-signature: v1,$SIGNATURE" --data-raw "$BODY"`

export const SNIPPETS: readonly Snippet[] = [
  { language: 'JavaScript', code: JAVASCRIPT },
  { language: 'Python', code: PYTHON },
  { language: 'PHP', code: PHP },
  { language: 'Go', code: GO },
  { language: 'Ruby', code: RUBY },
  { language: 'curl', code: CURL },
]
