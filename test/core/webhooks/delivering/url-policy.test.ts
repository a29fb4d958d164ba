import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  checkEndpointUrl,
  URL_MAX,
  type UrlPolicy,
  type UrlRefusal,
} from '../../../../src/webhooks/rules/delivering/url-policy'
import { anyText } from '../../../support/arbitraries'

const PRODUCTION: UrlPolicy = { ownHosts: ['guestbook.example.com'], allowLocal: false }
const DEVELOPMENT: UrlPolicy = { ownHosts: ['localhost:8787', '[::1]:8787'], allowLocal: true }

type Reason = UrlRefusal['reason']
type Hostile = readonly [url: string, reason: Reason]

function each(reason: Reason, urls: readonly string[]): Hostile[] {
  return urls.map((url) => [url, reason])
}

function hosts(reason: Reason, names: readonly string[]): Hostile[] {
  return names.map((name) => [`https://${name}/hook`, reason])
}

/** Cases for `it.each`. Their titles show invisible characters as escapes, so that each title is unique. */
const table = (rows: readonly Hostile[]) => rows.map(([url, reason]) => ({ url, reason, shown: visible(url) }))

function visible(text: string): string {
  const escaped = text.replace(/[\p{C}\p{Z}\p{M}]/gu, (char) =>
    char === ' ' ? char : `\\u{${char.codePointAt(0)?.toString(16)}}`
  )
  return escaped.length > 80 ? `${escaped.slice(0, 60)}... (${text.length})` : escaped
}

const IPV4_SPELLINGS = hosts('ip_address', [
  '127.0.0.1',
  '2130706433',
  '0x7f000001',
  '0X7F000001',
  '0x7f.1',
  '0x7f.0.0.1',
  '0x7f.0x0.0x0.0x1',
  '017700000001',
  '0177.0.0.1',
  '0177.0.0.01',
  '00000177.0.0.1',
  '0x0000007f.0.0.1',
  '127.1',
  '127.0.1',
  '127.65535',
  '127.0x1',
  '0',
  '0x',
  '0.0',
  '127.0.0.1.',
  '2130706433.',
  '127.1.',
  '127.0.0.1:443',
  '127.0.0.1:8443',
  '8.8.8.8',
  '134744072',
])

const IPV4_RANGES = hosts('ip_address', [
  '0.0.0.0',
  '0.1.2.3',
  '10.0.0.1',
  '10.255.255.255',
  '100.64.0.1',
  '100.100.100.200',
  '100.127.255.255',
  '127.0.0.0',
  '127.255.255.255',
  '169.254.0.23',
  '169.254.169.254',
  '0xa9fea9fe',
  '0251.0376.0251.0376',
  '2852039166',
  '169.254.43518',
  '169.254.170.2',
  '172.16.0.1',
  '172.31.255.255',
  '192.0.0.192',
  '192.0.2.1',
  '192.88.99.1',
  '192.168.0.1',
  '192.168.257',
  '198.18.0.1',
  '198.19.255.255',
  '198.51.100.1',
  '203.0.113.1',
  '224.0.0.1',
  '239.255.255.255',
  '240.0.0.1',
  '255.255.255.255',
])

const IPV6 = hosts('ip_address', [
  '[::1]',
  '[::]',
  '[0:0:0:0:0:0:0:1]',
  '[0000:0000:0000:0000:0000:0000:0000:0001]',
  '[::0:1]',
  '[0::1]',
  '[::0001]',
  '[::127.0.0.1]',
  '[::7f00:1]',
  '[::ffff:127.0.0.1]',
  '[::ffff:7f00:1]',
  '[::FFFF:7F00:0001]',
  '[0:0:0:0:0:ffff:10.0.0.1]',
  '[::ffff:169.254.169.254]',
  '[::ffff:a9fe:a9fe]',
  '[::ffff:8.8.8.8]',
  '[::ffff:0:127.0.0.1]',
  '[64:ff9b::127.0.0.1]',
  '[64:ff9b::a9fe:a9fe]',
  '[64:ff9b:1::a00:1]',
  '[2002:7f00:1::]',
  '[2002:a9fe:a9fe::1]',
  '[2001::1]',
  '[2001:db8::1]',
  '[100::1]',
  '[fc00::1]',
  '[fd00:ec2::254]',
  '[fdff:ffff::1]',
  '[fe80::1]',
  '[febf::1]',
  '[fec0::1]',
  '[ff02::1]',
  '[2606:4700:4700::1111]',
  '[2606:4700:4700::1111]:8443',
  '[::1]:443',
])

const UNICODE_ADDRESSES = hosts('ip_address', [
  '１２７．０．０．１',
  '１２７.0.0.1',
  '127。0。0。1',
  '127．0．0．1',
  '127｡0｡0｡1',
  '①②⑦.⓪.⓪.①',
  '𝟏𝟐𝟕.𝟎.𝟎.𝟏',
  '²¹³⁰⁷⁰⁶⁴³³',
  '0ｘ7f.1',
  '127\u034f.0.0.1',
  '127.0.0\ufe0f.1',
  '%31%32%37.0.0.1',
  '127%2e0%2e0%2e1',
  '%31%36%39.254.169.254',
  '0x7f%2E1',
  '%EF%BC%91%EF%BC%92%EF%BC%97.0.0.1',
  '127.0.0.1%E3%80%82',
])

const BROKEN_ADDRESSES = hosts('not_a_url', [
  '256.0.0.1',
  '127.0.0.256',
  '1.2.3.4.5',
  '127.0.0.0x100',
  '4294967296',
  '0x100000000',
  '08.0.0.1',
  'example.1',
  'example.0x7f',
  'example.com.1',
  '1.2.3.08',
  '[::1',
  '::1',
  '::1]',
  '[::1]x',
  '[]',
  '[1:2:3:4:5:6:7:8:9]',
  '[::1::2]',
  '[::12345]',
  '[::ffff:127.1]',
  '[::ffff:0x7f.0.0.1]',
  '[fe80::1%25eth0]',
  '[fe80::1%eth0]',
  '[::1%250]',
  '[%3a%3a1]',
  '[127.0.0.1]',
  '[localhost]',
  '[v1.example]',
  '2001:db8::1',
])

const INTERNAL_NAMES = hosts('internal_name', [
  'localhost',
  'LOCALHOST',
  'LocalHost',
  'localhost.',
  'localhost:8443',
  'localhost.localdomain',
  'foo.localhost',
  'a.b.LOCALHOST',
  'foo.localdomain',
  'printer.local',
  'printer.LOCAL',
  'printer.local.',
  'vault.internal',
  'metadata.google.internal',
  'METADATA.GOOGLE.INTERNAL',
  'metadata.google.internal.',
  'instance-data.ec2.internal',
  'instance-data',
  'metadata',
  'metadata.goog',
  'foo.metadata.goog',
  'metadata.tencentyun.com',
  'metadata.packet.net',
  'rancher-metadata',
  'router',
  'intranet',
  'wiki.intranet',
  'wiki.corp',
  'wiki.private',
  'nas.home',
  'nas.lan',
  'nas.home.arpa',
  'home.arpa',
  '1.0.0.127.in-addr.arpa',
  'x.ip6.arpa',
  'host.docker.internal',
  'kubernetes.default',
  'kubernetes.default.svc',
  'kubernetes.default.svc.cluster.local',
  'redis.service.consul',
  'expyuzz4wqqyqhjn.onion',
  'foo.alt',
  'com',
  'xn--p1ai',
])

const DOTS_AND_PUNCTUATION = hosts('internal_name', [
  'example.com.',
  'example.com。',
  'EXAMPLE.COM.',
  'example.com..',
  'example..com',
  '.example.com',
  '..',
  '.',
  '*.example.com',
  "example'.com",
  'exa~mple.com',
  'exa!mple.com',
  'exa$mple.com',
  'a,b.com',
  'a;b.com',
  'a&b.com',
  'a=b.com',
  'a(b).com',
  'a"b.com',
  'a{b}.com',
  'a`b.com',
])

const UNICODE_NAMES = hosts('internal_name', [
  'ⓛⓞⓒⓐⓛⓗⓞⓢⓣ',
  'ｌｏｃａｌｈｏｓｔ',
  'ｌｏｃａｌｈｏｓｔ．',
  'LOCALHOſT',
  'loc\u034falhost',
  'localhost\ufe0f',
  '𝓁𝑜𝒸𝒶𝓁𝒽𝑜𝓈𝓉',
  'foo.ⓛⓞⓒⓐⓛ',
  'foo。local',
  'foo．internal',
  '%6c%6f%63%61%6c%68%6f%73%74',
  'localhos%74',
  'localhost%2e',
  'localhost%E3%80%82',
  'foo%2elocal',
  'foo.%69nternal',
  '%e2%93%9bocalhost',
  'metadata。google。internal',
  'ﬀ',
])

const REBINDING_NAMES = hosts('internal_name', [
  'nip.io',
  '127.0.0.1.nip.io',
  '127-0-0-1.nip.io',
  '7f000001.nip.io',
  'app.10.0.0.1.NIP.IO',
  '169.254.169.254.nip.io',
  '127.0.0.1.sslip.io',
  '--1.sslip.io',
  '10.0.0.1.xip.io',
  '10.0.0.1.xip.name',
  'foo.traefik.me',
  'localtest.me',
  'foo.localtest.me',
  'readme.localtest.me',
  'lvh.me',
  'foo.lvh.me',
  'vcap.me',
  'fuf.me',
  'lacolhost.com',
  'foo.lacolhost.com',
  'local.gd',
  'make-1.2.3.4-rebind-169.254-169.254-rr.1u.ms',
  '7f000001.c0a80001.rbndr.us',
  '0--1.backname.io',
  '127-0-0-1.local-ip.co',
  '127-0-0-1.local-ip.sh',
  'localhost.direct',
  'localh.st',
  '127-0-0-1.org.uk',
  'app.ddev.site',
  'app.lndo.site',
  'yoogle.com',
  '127.0.0.1.ⓝⓘⓟ.io',
])

const CREDENTIALS = each('credentials', [
  'https://user@example.com/',
  'https://user:password@example.com/',
  'https://:password@example.com/',
  'https://@example.com/',
  'https://:@example.com/',
  'https://@host',
  'https://@@example.com/',
  'https://a@b@example.com/',
  'https://example.com@evil.example.net/',
  'https://example.com:443@127.0.0.1/',
  'https://example.com%2f@127.0.0.1/',
  'https://example.com%00@127.0.0.1/',
  'https://user%40x@example.com/',
  'https://@127.0.0.1/',
  'https://@localhost/',
  'https://@[::1]/',
  'http://user@example.com/',
  'ftp://anonymous@example.com/',
])

const SCHEMES: Hostile[] = [
  ...each('scheme', [
    'http://example.com/',
    'HTTP://example.com/',
    'http://127.0.0.1/',
    'http://localhost:8787/',
    'http://169.254.169.254/latest/meta-data/',
    'ftp://example.com/',
    'ws://example.com/',
    'wss://example.com/',
    'file://server/share',
    'gopher://example.com/_x',
    'dict://example.com:11211/stats',
    'ldap://example.com/',
    'ssh://example.com/',
    'git+ssh://example.com/',
    'javascript://example.com/%0aalert(1)',
    'data://text/plain,hello',
    'blob://example.com/x',
    'x://example.com/',
    'httpss://example.com/',
    'view-source://example.com/',
  ]),
  ...each('not_a_url', [
    'file:///etc/passwd',
    'file://localhost/etc/passwd',
    'javascript:alert(1)',
    'data:text/plain,hello',
    'blob:https://example.com/0b1c',
    'mailto:me@example.com',
    'about:blank',
    'urn:isbn:0451450523',
    'view-source:https://example.com/',
    'jar:https://example.com!/',
    'unix:/var/run/docker.sock',
    '://example.com/',
    '1https://example.com/',
    'ｈｔｔｐｓ://example.com/',
    'https：//example.com/',
    'url:https://example.com/',
    '<https://example.com/>',
    '"https://example.com/"',
  ]),
]

const INCOMPLETE = each('not_a_url', [
  '',
  ' ',
  'https',
  'https:',
  'https:/',
  'https://',
  'https:///',
  'https:///example.com/',
  'https:////example.com/',
  'https:example.com',
  'https:/example.com/',
  'https:example.com/x://y',
  'https:user@example.com/x://y',
  'https//example.com/',
  '//example.com/',
  '/hook',
  'hook',
  'example.com',
  'example.com:8443/hook',
  'https://?x=1',
  'https://#x',
  'https://:443/',
  'https://:',
  'null',
  'undefined',
])

const INVISIBLE_CHARACTERS = each('not_a_url', [
  ' https://example.com/',
  'https://example.com/ ',
  '\thttps://example.com/',
  'https://example.com/\n',
  '\u00a0https://example.com/',
  '\ufeffhttps://example.com/',
  'ht\ntps://example.com/',
  'ht\ttps://example.com/',
  'https:\n//example.com/',
  'https://\texample.com/',
  'https://exam\nple.com/',
  'https://exam\r\nple.com/',
  'https://127.0\t.0.1/',
  'https://local\nhost/',
  'https://example.com/a b',
  'https://example.com/a\tb',
  'https://example.com/a\r\nX-Injected: 1',
  'https://example.com/?a b',
  'https://example.com/#a b',
  'https://exam ple.com/',
  'https://example.com\u3000/',
  'https://example.com/\u2028',
  'https://example.com/\u0000',
  'https://example.com\u0000.evil.example.net/',
  'https://exam\u007fple.com/',
  'https://exam\u0085ple.com/',
  'https://exam\u00adple.com/',
  'https://local\u200bhost/',
  'https://local\u200dhost/',
  'https://local\u2060host/',
  'https://127.0.0.1\u200b/',
  'https://example.com/\u202egnp.exe',
  'https://example.com/\u{e0041}',
  'https://example.com/\ue000',
  'https://example.com/\ufffe',
  'https://example.com/\ud800',
  'https://example.com/\udc00\ud800',
  'https://\ud83d.example.com/',
  'https://example.com/?\udfff',
])

const BACKSLASHES = each('not_a_url', [
  'https:\\\\example.com\\',
  'https:/\\example.com/',
  'https://\\example.com/',
  'https://example.com\\hook',
  'https://example.com\\@127.0.0.1/',
  'https://127.0.0.1\\@example.com/',
  'https://example.com/a\\b',
  'https://example.com/?a\\b',
  '\\\\server\\share',
  'https://example.com/\\..\\',
])

const BROKEN_HOSTS = hosts('not_a_url', [
  'example.com%00',
  'example.com%0a',
  'exam%20ple.com',
  'example.com%3a8443',
  'example.com%23',
  'example.com%5c',
  'user%40example.com',
  'example.com%2fx',
  'example%',
  'example.com%zz',
  '%ff.com',
  'exa<mple.com',
  'exa|mple.com',
  'exa^mple.com',
  'exa[mple].com',
  'xn--a-ecp.ru\u200c',
  'xn--\u00e9.com',
  'ex\u2024ample.com',
  '１２७．０．０．２５６',
  '१२७.0.0.1',
  '\u0301example.com',
])

const PORTS: Hostile[] = [
  ...hosts('port', [
    'example.com:0',
    'example.com:00',
    'example.com:1',
    'example.com:22',
    'example.com:25',
    'example.com:53',
    'example.com:80',
    'example.com:0080',
    'example.com:444',
    'example.com:465',
    'example.com:587',
    'example.com:2082',
    'example.com:3306',
    'example.com:5432',
    'example.com:6379',
    'example.com:8080',
    'example.com:8787',
    'example.com:9200',
    'example.com:11211',
    'example.com:27017',
    'example.com:65535',
  ]),
  ...hosts('not_a_url', [
    'example.com:65536',
    'example.com:99999999999',
    'example.com:-1',
    'example.com:+443',
    'example.com:443a',
    'example.com:0x1bb',
    'example.com:443:443',
    'example.com:４４３',
    'example.com:4%343',
    'example.com::443',
  ]),
]

const OWN_HOST = each('own_host', [
  'https://guestbook.example.com/',
  'https://guestbook.example.com',
  'https://guestbook.example.com/in/token',
  'https://GUESTBOOK.EXAMPLE.COM/',
  'https://GuestBook.Example.com/hook',
  'HTTPS://guestbook.example.com/',
  'https://guestbook.example.com:443/',
  'https://guestbook.example.com:0443/',
  'https://guestbook.example.com:/',
  'https://guestbook.example.com:8443/',
  'https://guestbook.example.com:2053/',
  'https://guestbook。example。com/',
  'https://ｇｕｅｓｔｂｏｏｋ.example.com/',
  'https://guestbook%2eexample%2ecom/',
  'https://%67uestbook.example.com/',
  'https://guest\u034fbook.example.com/',
  'https://guestbook.example.com?x',
  'https://guestbook.example.com#x',
])

const TOO_LONG = each('too_long', [
  `https://example.com/${'a'.repeat(URL_MAX)}`,
  `https://example.com/${'a'.repeat(URL_MAX - 19)}`,
  `https://example.com/#${'a'.repeat(URL_MAX)}`,
  `https://${'a'.repeat(URL_MAX)}.com/`,
  'x'.repeat(URL_MAX + 1),
  ' '.repeat(URL_MAX + 1),
  // Short as written, but too long when encoded.
  `https://example.com/${'é'.repeat(400)}`,
  `https://example.com/?${'🎉'.repeat(200)}`,
])

const HOSTILE = [
  ...IPV4_SPELLINGS,
  ...IPV4_RANGES,
  ...IPV6,
  ...UNICODE_ADDRESSES,
  ...BROKEN_ADDRESSES,
  ...INTERNAL_NAMES,
  ...DOTS_AND_PUNCTUATION,
  ...UNICODE_NAMES,
  ...REBINDING_NAMES,
  ...CREDENTIALS,
  ...SCHEMES,
  ...INCOMPLETE,
  ...INVISIBLE_CHARACTERS,
  ...BACKSLASHES,
  ...BROKEN_HOSTS,
  ...PORTS,
  ...OWN_HOST,
  ...TOO_LONG,
]

describe('a hostile URL is rejected', () => {
  it.each(table(HOSTILE))('as $reason: $shown', ({ url, reason }) => {
    expect(checkEndpointUrl(url, PRODUCTION)).toMatchObject({ ok: false, error: { reason } })
  })

  it('with a detail that is a full sentence', () => {
    const details = HOSTILE.map(([url]) => {
      const checked = checkEndpointUrl(url, PRODUCTION)
      return checked.ok ? '' : checked.error.detail
    })
    expect(details.filter((detail) => !/^[A-Z"].{15,}\.$/su.test(detail))).toEqual([])
  })

  it.each(['?x=https://example.com/', '#@example.com', '/..;/@example.com/'])(
    'even if it continues with the harmless %s',
    (suffix) => {
      const checked = checkEndpointUrl(`https://127.0.0.1${suffix}`, PRODUCTION)
      expect(checked).toMatchObject({ ok: false, error: { reason: 'ip_address' } })
    }
  )
})

describe('a public URL', () => {
  it.each([
    ['https://example.com/', 'https://example.com/'],
    ['https://example.com', 'https://example.com/'],
    ['https://example.com/hook', 'https://example.com/hook'],
    ['https://example.com/hook?token=a%20b&x=1', 'https://example.com/hook?token=a%20b&x=1'],
    ['https://example.com?', 'https://example.com/?'],
    ['https://example.com/hook#part', 'https://example.com/hook'],
    ['https://example.com/hook#', 'https://example.com/hook'],
    ['HTTPS://EXAMPLE.COM/Hook', 'https://example.com/Hook'],
    ['https://example.com:443/', 'https://example.com/'],
    ['https://example.com:/', 'https://example.com/'],
    ['https://example.com:0443/', 'https://example.com/'],
    ['https://example.com:8443/', 'https://example.com:8443/'],
    ['https://example.com:08443/', 'https://example.com:8443/'],
    ['https://example.com:2053/', 'https://example.com:2053/'],
    ['https://example.com:2083/', 'https://example.com:2083/'],
    ['https://example.com:2087/', 'https://example.com:2087/'],
    ['https://example.com:2096/', 'https://example.com:2096/'],
    ['https://ex%61mple.com/', 'https://example.com/'],
    ['https://ｅｘａｍｐｌｅ．com/', 'https://example.com/'],
    ['https://example。com/', 'https://example.com/'],
    ['https://exam\u034fple.com/', 'https://example.com/'],
    ['https://bücher.example.com/', 'https://xn--bcher-kva.example.com/'],
    ['https://BÜCHER.example.com/', 'https://xn--bcher-kva.example.com/'],
    ['https://xn--bcher-kva.example.com/', 'https://xn--bcher-kva.example.com/'],
    ['https://пример.рф/', 'https://xn--e1afmkfd.xn--p1ai/'],
    ['https://faß.de/', 'https://xn--fa-hia.de/'],
    ['https://example.com/a/../b/./c', 'https://example.com/b/c'],
    ['https://example.com/%2e%2e/b', 'https://example.com/b'],
    ['https://example.com/é', 'https://example.com/%C3%A9'],
    ['https://example.com/🎉?q=🎉', 'https://example.com/%F0%9F%8E%89?q=%F0%9F%8E%89'],
    ['https://example.com/@user', 'https://example.com/@user'],
    ['https://example.com/?to=me@example.com', 'https://example.com/?to=me@example.com'],
    ['https://example.com?@localhost', 'https://example.com/?@localhost'],
    ['https://example.com/http://127.0.0.1/', 'https://example.com/http://127.0.0.1/'],
    ['https://example.com//double//', 'https://example.com//double//'],
    ['https://example.com/a%5Cb%00', 'https://example.com/a%5Cb%00'],
    ["https://example.com/?q='", 'https://example.com/?q=%27'],
    ['https://a-b.c_d.example.com/', 'https://a-b.c_d.example.com/'],
    ['https://localhost.example.com/', 'https://localhost.example.com/'],
    ['https://127.0.0.1.example.com/', 'https://127.0.0.1.example.com/'],
    ['https://1.example.com/', 'https://1.example.com/'],
    ['https://0x7f.example.com/', 'https://0x7f.example.com/'],
    ['https://notlocal.com/', 'https://notlocal.com/'],
    ['https://mylocalhost.com/', 'https://mylocalhost.com/'],
    ['https://unip.io/', 'https://unip.io/'],
    ['https://internal.example.com/', 'https://internal.example.com/'],
    ['https://a.guestbook.example.com/', 'https://a.guestbook.example.com/'],
    ['https://notguestbook.example.com/', 'https://notguestbook.example.com/'],
    ['https://guestbook.example.com.example.net/', 'https://guestbook.example.com.example.net/'],
    ['https://hooks.slack.com/services/T0/B0/x', 'https://hooks.slack.com/services/T0/B0/x'],
  ])('such as %s is accepted as %s', (written, stored) => {
    expect(checkEndpointUrl(written, PRODUCTION)).toEqual({ ok: true, value: stored })
    expect(checkEndpointUrl(stored, PRODUCTION)).toEqual({ ok: true, value: stored })
  })

  it('can have up to 2,048 characters', () => {
    const longest = `https://example.com/${'a'.repeat(URL_MAX - 20)}`
    expect(longest).toHaveLength(2_048)
    expect(checkEndpointUrl(longest, PRODUCTION)).toEqual({ ok: true, value: longest })
    expect(checkEndpointUrl(`${longest}a`, PRODUCTION).ok).toBe(false)
  })
})

describe('our own host', () => {
  it.each(['', ':443', ':8443', ':2053'])('is rejected on each of its ports in production (here "%s")', (port) => {
    const policy = { ownHosts: ['book.example.net:8443'], allowLocal: false }
    const checked = checkEndpointUrl(`https://book.example.net${port}/`, policy)
    expect(checked).toMatchObject({ ok: false, error: { reason: 'own_host' } })
  })

  it('is rejected even if it is configured in capitals', () => {
    const policy = { ownHosts: ['Book.Example.NET'], allowLocal: false }
    const checked = checkEndpointUrl('https://book.example.net/', policy)
    expect(checked).toMatchObject({ ok: false, error: { reason: 'own_host' } })
  })

  it('is rejected under each of its configured names', () => {
    const policy = { ownHosts: ['a.example.net', 'b.example.net'], allowLocal: false }
    const reached = ['a', 'b', 'c'].filter((name) => checkEndpointUrl(`https://${name}.example.net/`, policy).ok)
    expect(reached).toEqual(['c'])
  })

  it('is not rejected if none is configured', () => {
    const policy = { ownHosts: [], allowLocal: false }
    expect(checkEndpointUrl('https://guestbook.example.com/', policy).ok).toBe(true)
  })
})

describe('during development', () => {
  it.each([
    ['http://localhost:9000/hook', 'http://localhost:9000/hook'],
    ['http://LOCALHOST:9000/hook#x', 'http://localhost:9000/hook'],
    ['http://localhost/', 'http://localhost/'],
    ['https://localhost:9443/', 'https://localhost:9443/'],
    ['http://127.0.0.1:9000/', 'http://127.0.0.1:9000/'],
    ['http://127.1:22/', 'http://127.0.0.1:22/'],
    ['http://2130706433:9000/', 'http://127.0.0.1:9000/'],
    ['http://127.255.255.254:9000/', 'http://127.255.255.254:9000/'],
    ['http://[::1]:9000/', 'http://[::1]:9000/'],
    ['http://[0:0:0:0:0:0:0:1]:9000/', 'http://[::1]:9000/'],
    ['http://localhost:1/', 'http://localhost:1/'],
    ['http://localhost:65535/', 'http://localhost:65535/'],
    ['https://example.com/hook', 'https://example.com/hook'],
    ['http://localhost:8788/', 'http://localhost:8788/'],
  ])('%s is accepted as %s', (written, stored) => {
    expect(checkEndpointUrl(written, DEVELOPMENT)).toEqual({ ok: true, value: stored })
    expect(checkEndpointUrl(stored, DEVELOPMENT)).toEqual({ ok: true, value: stored })
  })

  const refused: Hostile[] = [
    ...each('own_host', [
      'http://localhost:8787/',
      'http://LOCALHOST:8787/in/x',
      'https://localhost:8787/',
      'http://[::1]:8787/',
      'http://[0::1]:8787/',
      'http://127.0.0.1:8787/in/hook_x',
      'http://127.1:8787/in/hook_x',
      'http://127.255.255.254:8787/',
    ]),
    ...each('scheme', [
      'http://example.com/',
      'http://10.0.0.1/',
      'http://169.254.169.254/latest/meta-data/',
      'http://0.0.0.0:9000/',
      'http://[::]:9000/',
      'http://[::ffff:127.0.0.1]:9000/',
      'http://192.168.1.1/',
      'http://128.0.0.1/',
      'http://126.255.255.255/',
      'http://foo.localhost/',
      'http://localhost.:9000/',
      'http://localhost.example.com/',
      'http://127.0.0.1.nip.io/',
      'http://printer.local/',
      'ftp://localhost/',
      'ws://localhost:9000/',
      'wss://127.0.0.1/',
    ]),
    ...each('ip_address', [
      'https://10.0.0.1/',
      'https://169.254.169.254/',
      'https://[::ffff:127.0.0.1]/',
      'https://[fe80::1]/',
      'https://0.0.0.0/',
      'https://192.168.1.1:8443/',
    ]),
    ...each('internal_name', [
      'https://foo.localhost/',
      'https://metadata.google.internal/',
      'https://localhost.localdomain/',
    ]),
    ...each('port', ['https://example.com:8080/']),
    ...each('credentials', ['http://user@localhost:9000/', 'http://@127.0.0.1:9000/']),
    ...each('not_a_url', [
      'http:localhost:9000',
      'http://localhost:9000/a b',
      'http:\\\\localhost:9000',
      'file://localhost/etc/passwd',
      'http://localhost:65536/',
      'localhost:9000',
    ]),
    ...each('too_long', [`http://localhost/${'a'.repeat(URL_MAX)}`]),
  ]
  it.each(table(refused))('$shown is rejected as $reason', ({ url, reason }) => {
    expect(checkEndpointUrl(url, DEVELOPMENT)).toMatchObject({ ok: false, error: { reason } })
  })

  it('our public host name is rejected, but not on another port', () => {
    const policy = { ownHosts: ['book.example.net'], allowLocal: true }
    const own = checkEndpointUrl('https://book.example.net:443/', policy)
    expect(own).toMatchObject({ ok: false, error: { reason: 'own_host' } })
    expect(checkEndpointUrl('https://book.example.net:8443/', policy).ok).toBe(true)
  })

  it('every URL that production rejects because of its spelling is rejected as well', () => {
    const spelling = new Set<Reason>(['not_a_url', 'credentials', 'too_long'])
    const refusedInProduction = HOSTILE.filter(([, reason]) => spelling.has(reason))
    const refusedHere = refusedInProduction.map(([url]) => {
      const checked = checkEndpointUrl(url, DEVELOPMENT)
      return [url, checked.ok ? 'accepted' : checked.error.reason]
    })
    expect(refusedHere).toEqual(refusedInProduction)
  })
})

/** URLs made of valid, odd and invalid parts, so that many are almost valid. */
const weirdUrl = fc
  .record({
    scheme: mostly('https', 'HTTPS', 'http', 'ftp', 'wss'),
    slashes: mostly('://', ':', ':/', ':///', ':\\\\'),
    user: mostly('', '@', 'a@', 'a:b@'),
    labels: fc.array(
      fc.oneof(
        {
          weight: 4,
          arbitrary: fc.constantFrom('example', 'EX', 'xn--bcher-kva', 'bücher', 'ß', '%61', 'ⓐ', 'a_b'),
        },
        {
          weight: 1,
          arbitrary: fc.constantFrom('', '127', '0x7f', '１２７', 'localhost', 'nip', '*', '[::1]'),
        },
        { weight: 1, arbitrary: fc.string({ unit: 'grapheme', maxLength: 4 }) }
      ),
      { minLength: 1, maxLength: 4 }
    ),
    dot: fc.constantFrom('.', '.', '.', '。', '%2e', '．'),
    tail: mostly('.com', '.net', '', '.', '.1', '.local', '.io'),
    port: fc.constantFrom('', '', '', ':', ':443', ':8443', ':0443', ':80', ':0', ':x'),
    rest: fc.oneof(
      fc.constantFrom('', '/', '/a/../b', '/%2e%2e/', '?', '#', '/?q#f', '/@', '/ ', '/\ud800'),
      fc.webPath(),
      fc.string({ unit: 'grapheme', maxLength: 8 }).map((text) => `/${text}?${text}#${text}`)
    ),
  })
  .map(({ scheme, slashes, user, labels, dot, tail, port, rest }) =>
    [scheme, slashes, user, labels.join(dot), tail, port, rest].join('')
  )

function mostly(usual: string, ...others: string[]): fc.Arbitrary<string> {
  return fc.oneof({ weight: 9, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: fc.constantFrom(...others) })
}

const niceUrl = fc.webUrl({
  validSchemes: ['https'],
  withQueryParameters: true,
  withFragments: true,
  size: 'medium',
})

describe('any URL', () => {
  it.each([
    ['production', PRODUCTION],
    ['development', DEVELOPMENT],
  ])('that is accepted in %s is accepted unchanged the second time, and parses as itself', (_, policy) => {
    let accepted = 0
    fc.assert(
      fc.property(fc.oneof(niceUrl, weirdUrl), (text) => {
        const first = checkEndpointUrl(text, policy)
        if (!first.ok) return
        accepted += 1
        expect(checkEndpointUrl(first.value, policy)).toEqual(first)
        expect(new URL(first.value).href).toBe(first.value)
        expect(first.value.length).toBeLessThanOrEqual(URL_MAX)
        expect(first.value).toMatch(/^[!-~]+$/)
        expect(first.value).not.toContain('#')
      }),
      { numRuns: 3_000 }
    )
    expect(accepted).toBeGreaterThan(300)
  })

  it('that is accepted in production uses https and a public host name, without credentials', () => {
    let accepted = 0
    fc.assert(
      fc.property(weirdUrl, (text) => {
        const checked = checkEndpointUrl(text, PRODUCTION)
        if (!checked.ok) return
        accepted += 1
        const url = new URL(checked.value)
        expect([url.protocol, url.username, url.password]).toEqual(['https:', '', ''])
        expect(url.hostname).toMatch(/^[a-z0-9_-]+(\.[a-z0-9_-]+)+$/)
        expect(url.hostname).not.toMatch(/\.\d+$|(^|\.)(local|localhost|nip\.io)$/)
        expect(['', '8443', '2053', '2083', '2087', '2096']).toContain(url.port)
      }),
      { numRuns: 3_000 }
    )
    expect(accepted).toBeGreaterThan(100)
  })

  it('whose host is an IP address is rejected in every notation', () => {
    const spelling = fc.constantFrom(
      (n: number) => String(n),
      (n: number) => `0${n.toString(8)}`,
      (n: number) => `0x${n.toString(16)}`,
      (n: number) => `0X000${n.toString(16).toUpperCase()}`,
      (n: number) => String(n).replace(/\d/g, (d) => String.fromCharCode(0xff10 + Number(d))),
      (n: number) => String(n).replace(/\d/g, (d) => `%3${d}`)
    )
    const part = fc.tuple(fc.nat(255), spelling).map(([n, spell]) => spell(n))
    const four = fc
      .tuple(part, part, part, part, fc.constantFrom('.', '。', '%2e'))
      .map(([a, b, c, d, dot]) => [a, b, c, d].join(dot))
    const one = fc.tuple(fc.nat(0xffffffff), spelling).map(([n, spell]) => spell(n))
    const two = fc.tuple(part, fc.nat(0xffffff), spelling).map(([head, n, spell]) => `${head}.${spell(n)}`)
    const three = fc.tuple(part, part, fc.nat(0xffff), spelling).map(([a, b, n, spell]) => `${a}.${b}.${spell(n)}`)
    const six = fc.ipV6().map((address) => `[${address}]`)
    const host = fc.oneof(four, one, two, three, six)
    fc.assert(
      fc.property(host, fc.constantFrom('', ':443', ':8443'), (address, port) => {
        const checked = checkEndpointUrl(`https://${address}${port}/`, PRODUCTION)
        expect(checked).toMatchObject({ ok: false, error: { reason: 'ip_address' } })
      }),
      { numRuns: 1_000 }
    )
  })

  it('or any other text gets a result and never throws', () => {
    const text = fc.oneof(
      anyText,
      weirdUrl,
      anyText.map((rest) => `https://${rest}`),
      anyText.map((rest) => `https://example.com${rest}`),
      anyText.map((host) => `https://${host}.com/`)
    )
    fc.assert(
      fc.property(text, fc.constantFrom(PRODUCTION, DEVELOPMENT), (text, policy) => {
        expect(typeof checkEndpointUrl(text, policy).ok).toBe('boolean')
      }),
      { numRuns: 3_000 }
    )
  })
})
