/** A self-signed certificate for localhost and 127.0.0.1, valid until 2126. Only for tests. */
export const SELF_SIGNED = {
  key: `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg/eXH/Sdwf6Zfz4sn
Riwl/vhYjAlYMZGQUZdq+0bj/qmhRANCAATR3ADDwLXQbK3zSq7qywb4mHnov3q8
VGvQOhZJ06Jv6Dty/2/KfGzYxdpiiUtGuxgzophoYqnRgffHxS3yJhb1
-----END PRIVATE KEY-----`,
  cert: `-----BEGIN CERTIFICATE-----
MIIBmTCCAT6gAwIBAgIUTqyLjRcJYBuMPcOnLchokrjnijowCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyNTA5MDYzM1oYDzIxMjYxMTAx
MDkwNjMzWjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAATR3ADDwLXQbK3zSq7qywb4mHnov3q8VGvQOhZJ06Jv6Dty/2/KfGzY
xdpiiUtGuxgzophoYqnRgffHxS3yJhb1o2wwajAdBgNVHQ4EFgQUzcdlmkiha4jj
+2svZYNcwqi6tMkwHwYDVR0jBBgwFoAUzcdlmkiha4jj+2svZYNcwqi6tMkwGgYD
VR0RBBMwEYIJbG9jYWxob3N0hwR/AAABMAwGA1UdEwEB/wQCMAAwCgYIKoZIzj0E
AwIDSQAwRgIhAPh7tOBHDyFuygiWm5kZw+u8bCcP6bjenZzW/P50edb2AiEAsrMi
mcKYFDSEwaPDCKXKK2antjzlB54gNJQEpUuJMHk=
-----END CERTIFICATE-----`,
}
