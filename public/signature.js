// Made from browser/signature/page.ts

// src/kit/lib/text/bidi.ts
var POP_ISOLATE = "\u2069";
function contained(text) {
  let open = 0;
  const line = text.replace(/[\p{Cc}\p{Zp}]/gu, " ").replace(/[\u2066-\u2069]/g, (char) => {
    if (char === POP_ISOLATE && open === 0) return "";
    open += char === POP_ISOLATE ? -1 : 1;
    return char;
  });
  return line + POP_ISOLATE.repeat(open);
}

// browser/signature/end-of-body.ts
function faultAtEnd(signed, pasted) {
  const [added, lost] = [pasted.slice(signed.length), signed.slice(pasted.length)];
  if (pasted.startsWith(signed) && isSpace(added))
    return `The body has ${/[\r\n]/.test(added) ? "an extra line break" : "extra white space"} at its end, which was not signed. Verify the body exactly as it was sent.`;
  if (signed.startsWith(pasted) && isSpace(lost))
    return `The body lacks the ${/[\r\n]/.test(lost) ? "line break" : "white space"} at its end. Verify the body exactly as it was sent.`;
  return null;
}
var isSpace = (text) => text !== "" && text.trim() === "";

// browser/signature/compare-body.ts
var MATCHES = "The body matches the message with this id. If the signature does not match, the secret is wrong, or the ID or the timestamp was changed.";
function compareBody(sent2, id, body2) {
  const isSent = sent2.some((one) => body2 === one || body2.startsWith(`${one.slice(0, -1)},"text":"`));
  if (isSent) return { part: "body", verdict: "good", text: MATCHES };
  if (!body2.includes(id)) return null;
  const [closest = ""] = sent2.toSorted((a, b) => sameUntil(b, body2) - sameUntil(a, body2));
  return { part: "body", verdict: "bad", text: faultAtEnd(closest, body2) ?? difference(closest, body2) };
}
function sameUntil(a, b) {
  let at = 0;
  while (at < a.length && a[at] === b[at]) at += 1;
  return at;
}
function difference(sent2, received) {
  const at = sameUntil(sent2, received);
  const around = (text) => JSON.stringify(text.slice(at, at + 20));
  return `The body differs from the message with this id, starting at character ${at + 1}: we sent ${around(sent2)}, but you pasted ${around(received)}.`;
}

// src/kit/lib/result.ts
var ok = (value) => ({ ok: true, value });
var err = (error) => ({ ok: false, error });
function catching(expected, work) {
  try {
    return work();
  } catch (cause) {
    if (cause instanceof expected) return void 0;
    throw cause;
  }
}

// src/kit/lib/bytes.ts
var encoder = new TextEncoder();
var decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
var utf8 = (text) => encoder.encode(text);
function toBase64(bytes) {
  const native2 = bytes.toBase64?.();
  if (native2 !== void 0) return native2;
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}
var BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/][AQgw]==|[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]=)?$/;
var { fromBase64: native } = Uint8Array;
function fromBase64(text) {
  if (native) return decodeNatively(native, text);
  return BASE64.test(text) ? Uint8Array.from(atob(text), (char) => char.charCodeAt(0)) : null;
}
function decodeNatively(decode, text) {
  if (/\s/.test(text)) return null;
  return catching(SyntaxError, () => decode(text, { lastChunkHandling: "strict" })) ?? null;
}
function toHex(bytes) {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
function equalBytes(a, b) {
  if (a.length !== b.length) return false;
  let difference2 = 0;
  for (let i = 0; i < a.length; i++) difference2 |= (a[i] ?? 0) ^ (b[i] ?? 0);
  return difference2 === 0;
}

// src/kit/lib/hmac.ts
async function hmac(hash, key, data) {
  const imported = await crypto.subtle.importKey("raw", key, { name: "HMAC", hash }, false, ["sign"]);
  return new Uint8Array(await crypto.subtle.sign("HMAC", imported, data));
}
var hmacSha256 = (key, data) => hmac("SHA-256", key, data);
async function sha256(data) {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", data));
}
var sha256Hex = async (data) => toHex(await sha256(data));
async function verifySignature(algorithm, key, signature, data) {
  return signature.length === signatureLength(key) && crypto.subtle.verify(algorithm, key, signature, data);
}
function signatureLength({ algorithm }) {
  return "modulusLength" in algorithm ? Number(algorithm.modulusLength) / 8 : 64;
}

// src/kit/lib/text/shorten.ts
function cut(text, max) {
  let end = text.length <= max ? text.length : 0;
  for (let left = max; left > 0 && end < text.length; left--) end += (text.codePointAt(end) ?? 0) > 65535 ? 2 : 1;
  return text.slice(0, end).toWellFormed();
}

// src/kit/lib/time.ts
var MINUTE_MS = 6e4;
var HOUR_MS = 60 * MINUTE_MS;
var DAY_MS = 24 * HOUR_MS;
var UNITS = [
  ["day", DAY_MS],
  ["hour", HOUR_MS],
  ["minute", MINUTE_MS],
  ["second", 1e3]
];
function spanOf(ms) {
  const [unit, size] = UNITS.find(([, size2]) => ms % size2 === 0) ?? ["second", 1e3];
  const count = ms / size;
  return `${count} ${unit}${count === 1 ? "" : "s"}`;
}

// src/webhooks/rules/signing/ed25519.ts
var PUBLIC_KEY_BYTES = 32;
var PREFIX = "whpk_";
var ED25519 = "Ed25519";
var PKCS8_HEAD = Uint8Array.from([
  48,
  46,
  2,
  1,
  0,
  48,
  5,
  6,
  3,
  43,
  101,
  112,
  4,
  34,
  4,
  32
]);
async function verifyEd25519(publicKey, signature, data) {
  const key = await importPublicKey(publicKey);
  return key !== null && verifySignature(ED25519, key, signature, data);
}
async function importPublicKey(publicKey) {
  try {
    return await crypto.subtle.importKey("raw", publicKey, ED25519, false, ["verify"]);
  } catch (cause) {
    if (cause instanceof Error) return null;
    throw cause;
  }
}
function parsePublicKey(text) {
  if (!text.startsWith(PREFIX)) return err(`A public key starts with "${PREFIX}".`);
  const key = fromBase64(text.slice(PREFIX.length));
  if (key?.length === PUBLIC_KEY_BYTES) return ok(key);
  return err(`The part after "${PREFIX}" must be ${PUBLIC_KEY_BYTES} bytes in standard base64.`);
}

// src/webhooks/rules/signing/secret.ts
var PREFIX2 = "whsec_";
var MIN_BYTES = 24;
var MAX_BYTES = 64;
function parseSigningSecret(text) {
  if (!text.startsWith(PREFIX2)) return err(`A signing secret starts with "${PREFIX2}".`);
  const key = fromBase64(text.slice(PREFIX2.length));
  if (!key) return err(`The part after "${PREFIX2}" must be standard base64 with padding.`);
  if (key.length < MIN_BYTES || key.length > MAX_BYTES) {
    return err(`A signing secret must be ${MIN_BYTES} to ${MAX_BYTES} bytes long. This one has ${key.length} bytes.`);
  }
  return ok(key);
}

// browser/signature/diagnose.ts
var TOLERANCE_SECONDS = 300;
async function diagnose(evidence, now, sent2 = null) {
  const isSent = sent2 !== null && evidence.timestamp === sent2.timestamp && evidence.signature === sent2.signature;
  const timestamp = checkTimestamp(evidence, now, isSent);
  const result = await compare(evidence);
  const signature = checkSignature(evidence);
  if (signature?.verdict === "good" && result.verdict !== "good") signature.verdict = "off";
  const body2 = result.part === "result" && result.verdict === "bad" && sent2 ? checkBody(evidence, sent2) : null;
  const secret2 = body2 && sent2 && isAsSent(evidence, sent2) ? WRONG_SECRET : checkSecret(evidence);
  const parts = [checkHeaders(evidence), timestamp, secret2, signature, body2, result];
  return parts.filter((finding) => finding !== null);
}
function good(part, text) {
  return { part, verdict: "good", text };
}
function bad(part, text) {
  return { part, verdict: "bad", text };
}
function checkHeaders({ id, timestamp, signature }) {
  const given = { "webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": signature };
  const missing = Object.entries(given).flatMap(([name, value]) => value ? [] : [name]);
  if (missing.length === 0) return good("headers", "All three headers are present.");
  return bad("headers", `Missing: ${missing.join(", ")}. Check whether a proxy removes headers.`);
}
function checkTimestamp({ timestamp }, now, isSent) {
  if (!timestamp) return null;
  if (/^\d{13}$/.test(timestamp)) return bad("timestamp", "The timestamp is in milliseconds. It must be in seconds.");
  if (!/^[1-9]\d{0,11}$/.test(timestamp))
    return bad("timestamp", "The timestamp must be a number of seconds since 1970.");
  const age = now - Number(timestamp);
  const signed = `Signed ${spanAround(Math.abs(age))} ${age < 0 ? "in the future" : "ago"}`;
  const limit = `the limit of ${spanOf(TOLERANCE_SECONDS * 1e3)}`;
  if (Math.abs(age) <= TOLERANCE_SECONDS) return good("timestamp", `${signed}, within ${limit}.`);
  if (isSent)
    return { part: "timestamp", verdict: "off", text: `${signed}. Receivers accept a request only within ${limit}.` };
  return bad(
    "timestamp",
    `${signed}, which exceeds ${limit}. Verify requests as soon as they arrive, and check the clock.`
  );
}
function spanAround(seconds) {
  const unit = [86400, 3600].find((size) => seconds >= 2 * size) ?? (seconds < 2 * TOLERANCE_SECONDS ? 1 : 60);
  return spanOf(Math.round(seconds / unit) * unit * 1e3);
}
function checkSecret({ secret: secret2 }) {
  if (secret2 !== secret2.trim())
    return bad("secret", "Remove the white space around the secret, both here and in the receiver.");
  if (secret2.startsWith("whpk_")) {
    const key2 = parsePublicKey(secret2);
    if (!key2.ok) return bad("secret", key2.error);
    return good("secret", "This is a public key. It verifies v1a signatures.");
  }
  const key = parseSigningSecret(secret2);
  if (!key.ok) return bad("secret", key.error);
  return good("secret", `This secret is ${key.value.length} bytes long. It verifies v1 signatures.`);
}
function checkSignature({ signature }) {
  if (!signature) return null;
  const items = signature.trim().split(/\s+/).map(readItem);
  const fault = items.find((item) => item.fault !== null)?.fault;
  if (fault) return bad("signature", fault);
  return good("signature", `The header lists ${items.map(({ version }) => version).join(", ")}.`);
}
function checkBody(evidence, sent2) {
  if (evidence.body !== sent2.body) return null;
  const changed = changedHeaders(evidence, sent2);
  const found = "The body is exactly the one that was sent";
  if (changed.length === 0) return good("body", `${found}.`);
  return good(
    "body",
    `${found}, but these headers are not: ${changed.join(", ")}. One of them is wrong, or the secret.`
  );
}
function changedHeaders(evidence, sent2) {
  const named = { ID: "id", timestamp: "timestamp", signature: "signature" };
  return Object.entries(named).flatMap(([name, key]) => evidence[key] === sent2[key] ? [] : [name]);
}
var WRONG_SECRET = bad(
  "secret",
  "This is not the secret with which the request was signed. Its body and its headers are exactly as they were sent."
);
function isAsSent(evidence, sent2) {
  const isSame = evidence.body === sent2.body && changedHeaders(evidence, sent2).length === 0;
  return isSame && keyOf(evidence.secret) !== null && signaturesOf("v1", sent2.signature).length > 0;
}
var SIGNATURE_BYTES = { v1: 32, v1a: 64 };
function readItem(item) {
  const [version = "", text] = item.split(/,(.*)/s);
  const length = SIGNATURE_BYTES[version];
  if (text === void 0) {
    const shown2 = cut(item, 40);
    return { version, fault: `"${shown2}" does not have the form "version,base64". Was it cut off at a comma?` };
  }
  if (length === void 0 || fromBase64(text)?.length === length) return { version, fault: null };
  if (/^[0-9a-f]+$/i.test(text) && text.length === 2 * length)
    return { version, fault: `The ${version} signature is hexadecimal. It must be base64.` };
  return { version, fault: `The ${version} signature must be ${length} bytes in base64.` };
}
async function compare(evidence) {
  const { id, timestamp, body: body2 } = evidence;
  const signed = `${id}.${timestamp}.${body2}`;
  if (evidence.secret.trim().startsWith("whpk_")) return comparePublicKey(evidence);
  const key = keyOf(evidence.secret);
  if (key && await matches(evidence, { key, signed }))
    return good("result", "The signature matches the secret, the ID, the timestamp, and the body.");
  for (const { explanation, reading } of commonMistakes(evidence, key))
    if (await matches(evidence, reading)) return explanation;
  return bad("result", await describeMismatch(key, signed, body2));
}
function keyOf(secret2) {
  const text = secret2.trim();
  const key = parseSigningSecret(text.startsWith("whsec_") ? text : `whsec_${text}`);
  return key.ok ? key.value : null;
}
async function comparePublicKey({ secret: secret2, id, timestamp, signature, body: body2 }) {
  const key = parsePublicKey(secret2.trim());
  if (!key.ok) return bad("result", "Enter a valid public key to check the signature against.");
  if (!await knowsEd25519()) return bad("result", "This browser cannot check v1a signatures (Ed25519). Update it.");
  const signatures = signaturesOf("v1a", signature);
  for (const text of [body2, ...changedBodies(body2)]) {
    const signed = utf8(`${id}.${timestamp}.${text}`);
    const checks = signatures.map((one) => verifyEd25519(key.value, one, signed));
    if (!(await Promise.all(checks)).some(Boolean)) continue;
    if (text !== body2) return bodyChanged(text, body2);
    return good("result", "The signature matches the key, the ID, the timestamp, and the body.");
  }
  return bad(
    "result",
    "No v1a signature matches this key. Check that the key belongs to this guestbook and that the body is unchanged."
  );
}
async function knowsEd25519() {
  try {
    await crypto.subtle.importKey("raw", new Uint8Array(32), "Ed25519", false, ["verify"]);
    return true;
  } catch (cause) {
    return !(cause instanceof DOMException && cause.name === "NotSupportedError");
  }
}
async function matches({ signature }, { key, signed }) {
  const mac = await hmacSha256(key, utf8(signed));
  return signaturesOf("v1", signature).some((other) => equalBytes(mac, other));
}
function signaturesOf(version, signature) {
  return signature.trim().split(/\s+/).filter((item) => item.startsWith(`${version},`)).map((item) => fromBase64(item.slice(version.length + 1))).filter((bytes) => bytes !== null);
}
var BODY_CHANGED = "The body was changed after signing: it was parsed and serialized again, or its line endings were converted. Sign and verify the raw bytes, before anything parses them.";
var bodyChanged = (signed, body2) => bad("body", faultAtEnd(signed, body2) ?? BODY_CHANGED);
var TEXT_AS_KEY = bad(
  "secret",
  'The text of the secret was used as the key. To get the key, remove "whsec_" and decode the rest from base64.'
);
function commonMistakes({ secret: secret2, id, timestamp, body: body2 }, key) {
  const withKey = (explanation, signed2) => key ? [{ explanation, reading: { key, signed: signed2 } }] : [];
  const texts = [secret2.trim(), secret2.trim().replace(/^whsec_/, "")].filter((text) => text !== "");
  const signed = `${id}.${timestamp}.${body2}`;
  return [
    ...changedBodies(body2).flatMap((changed) => withKey(bodyChanged(changed, body2), `${id}.${timestamp}.${changed}`)),
    ...withKey(bad("result", "Only the body was signed. Sign id.timestamp.body."), body2),
    ...withKey(bad("result", "The ID was not signed. Sign id.timestamp.body."), `${timestamp}.${body2}`),
    ...texts.map((text) => ({ explanation: TEXT_AS_KEY, reading: { key: utf8(text), signed } }))
  ];
}
function changedBodies(body2) {
  const bodies = [
    `${body2}
`,
    body2.replace(/\r?\n$/, ""),
    body2.trim(),
    body2.replaceAll("\r\n", "\n"),
    body2.replaceAll("\n", "\r\n"),
    ...serializedAgain(body2)
  ];
  return [...new Set(bodies)].filter((one) => one !== body2);
}
function serializedAgain(body2) {
  try {
    const value = JSON.parse(body2);
    return [JSON.stringify(value), JSON.stringify(value, null, 2), JSON.stringify(value, null, 4)];
  } catch (cause) {
    if (cause instanceof SyntaxError) return [];
    throw cause;
  }
}
async function describeMismatch(key, signed, body2) {
  const bytes = utf8(body2);
  const seen = `The body above is ${bytes.length} bytes long, and its SHA-256 hash is ${await sha256Hex(bytes)}.`;
  if (!key) return `Enter a valid secret to check the signature against. ${seen}`;
  const expected = toBase64(await hmacSha256(key, utf8(signed)));
  return `This secret, ID, timestamp, and body give v1,${expected}, which the header does not list. Check that the secret belongs to this endpoint and has not been rotated since the request was signed. ${seen}`;
}

// browser/signature/read-pasted.ts
function readPasted(secret2, headers2, body2) {
  const find2 = (name) => {
    const found = new RegExp(`${name}["']?\\s*[:=]\\s*["'[]*([^"'\\]\\r\\n]*)`, "i").exec(headers2);
    return found?.[1]?.trim().replace(/,$/, "") ?? "";
  };
  return {
    secret: secret2,
    body: body2,
    id: find2("webhook-id"),
    timestamp: find2("webhook-timestamp"),
    signature: find2("webhook-signature")
  };
}

// browser/signature/page.ts
var PARTS = {
  headers: "Headers",
  timestamp: "Timestamp",
  secret: "Secret",
  signature: "Signature",
  body: "Body",
  result: "Result"
};
var ICONS = { good: "\u2713", bad: "\u2715", off: "!" };
function find(id) {
  const found = document.getElementById(id);
  if (!found) throw new Error(`The page has no #${id}.`);
  return found;
}
var form = find("check");
var list = find("findings");
var comparison = document.getElementById("comparison");
var [secret, headers, body] = ["secret", "headers", "body"].map(
  (name) => find(`check-${name}`)
);
var shown = readPasted("", headers.defaultValue, body.defaultValue);
var sent = shown.id === "" ? null : shown;
function readForm() {
  return readPasted(secret.value, headers.value, body.value);
}
function toItem({ part, verdict, text }) {
  const item = document.createElement("li");
  item.className = verdict;
  item.dataset.part = part;
  const icon = document.createElement("span");
  icon.ariaHidden = "true";
  icon.textContent = ICONS[verdict];
  const name = document.createElement("b");
  name.append(icon, ` ${PARTS[part]}`);
  const isolated = document.createElement("bdi");
  isolated.textContent = contained(text);
  item.append(name, " ", isolated);
  return item;
}
var presses = 0;
async function check() {
  presses += 1;
  const press = presses;
  const evidence = readForm();
  const findings = await diagnose(evidence, Math.floor(Date.now() / 1e3), sent);
  if (press !== presses) return;
  const isOther = sent !== null && evidence.id === sent.id && evidence.body !== sent.body;
  const difference2 = isOther ? compareBody([sent.body], evidence.id, evidence.body) : null;
  const isNew = difference2 && findings.every(({ text }) => text !== difference2.text);
  list.replaceChildren(...[...findings, ...isNew ? [difference2] : []].map(toItem));
  if (comparison) comparison.hidden = !evidence.id.startsWith("msg_");
  list.scrollIntoView({ block: "nearest" });
}
async function compareWithSent() {
  presses += 1;
  const press = presses;
  const { id, body: body2 } = readForm();
  const finding = await compareWith(id, body2);
  if (press !== presses) return;
  list.append(toItem(finding));
  if (comparison) comparison.hidden = true;
}
async function compareWith(id, body2) {
  const response = await fetch(`/admin/signature/${encodeURIComponent(id)}`).catch(expectNoNetwork);
  const off = (text) => ({ part: "body", verdict: "off", text });
  if (response?.status === 404) return off("There is no message with this id. It may have been removed.");
  if (!response?.ok || response.redirected)
    return off("The message could not be read. Check the connection, and that you are logged in.");
  const { bodies } = await response.json();
  return compareBody(bodies, id, body2) ?? off("This body does not contain the id, so it cannot be compared.");
}
function expectNoNetwork(cause) {
  if (cause instanceof TypeError) return null;
  throw cause;
}
form.addEventListener("submit", (event) => {
  event.preventDefault();
  void check();
});
document.getElementById("compare")?.addEventListener("click", () => void compareWithSent());
if (crypto.subtle) find("start").disabled = false;
else find("insecure").hidden = false;
