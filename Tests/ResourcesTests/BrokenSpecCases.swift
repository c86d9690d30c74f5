// One fault each, and all that is printed for it.
extension BrokenManifestTests {
  static let federations: [Case] = [
    federation(
      "no spec", "spec:\n  url: https://10.0.0.1:6443\n  audiences: [federation]\n", "",
      "a.yaml:1: `spec` is missing; write the URL of the cluster's API server, for example `url: https://10.0.0.1:6443`"
    ),
    federation(
      "no url", "  url: https://10.0.0.1:6443\n", "",
      "a.yaml:5: `spec.url` is missing; write the URL of the cluster's API server, for example "
        + "`url: https://10.0.0.1:6443`"),
    federation("a misspelt url", "url:", "urll:", "a.yaml:6: unknown field `spec.urll`; did you mean `url`?"),
    federation(
      "a field of nowhere", "  url:", "  insecureSkipTLSVerify: true\n  url:",
      "a.yaml:6: unknown field `spec.insecureSkipTLSVerify`; the fields here are `url`, `issuer`, `audiences` and "
        + "`caBundle`"),
    federation(
      "D6: a plaintext url", "https://10", "http://10",
      "a.yaml:6: `spec.url` must begin with `https://`; http would show tokens to the network"),
    federation(
      "a user in the url", "https://10", "https://user:pass@10",
      "a.yaml:6: `spec.url` must hold no user and no password; remove the text before `@`"),
    federation(
      "audiences that are no list", "[federation]", "federation",
      "a.yaml:7: `spec.audiences` must be a list, not a string; begin each item with `- `"),
    federation(
      "no audience in the list", "[federation]", "[]",
      "a.yaml:7: `spec.audiences` is an empty list, which no token fits; list an audience, or remove the field"),
    federation(
      "an empty audience", "[federation]", "[federation, '']",
      "a.yaml:7: `spec.audiences[1]` is empty; write an audience, or remove it"),
    federation(
      "D16: no audiences", "  audiences: [federation]\n", "",
      "a.yaml:5: warning: KubernetesFederation `cluster-a` has no `audiences`, so tokens made for any other service are "
        + "accepted; list the audience of this server's tokens in `spec.audiences`"),
    federation(
      "a bundle that is PEM itself", "  audiences:", "  caBundle: |\n    -----BEGIN CERTIFICATE-----\n  audiences:",
      "a.yaml:7: `spec.caBundle` holds PEM that is not base64-encoded; encode a PEM file with `base64 -w0 ca.crt`"),
    federation(
      "a bundle that is no base64", "  audiences:", "  caBundle: '***'\n  audiences:",
      "a.yaml:7: `spec.caBundle` is not base64; encode a PEM file with `base64 -w0 ca.crt`"),
  ]

  static let stores: [Case] = [
    store(
      "no provider", "  provider:\n    local: {}\n", "  retrySettings: {maxRetries: 1}\n",
      "a.yaml:5: `spec.provider` is missing; write `fake: {data: [...]}` or `local: {}`",
      "a.yaml:6: warning: `spec.retrySettings` has no effect on this server; remove it"),
    store(
      "a provider of later versions", "local: {}", "doppler: {server: x}",
      "a.yaml:7: this version does not serve the provider `doppler` yet; use one of `fake`, `local`, `aws`, "
        + "`gcpsm`, `kubernetes`, `vault` and `webhook`"),
    store(
      "a misspelt provider", "local: {}", "locall: {}", "a.yaml:7: unknown provider `locall`; did you mean `local`?"),
    store(
      "two providers", "local: {}", "local: {}\n    fake: {data: []}",
      "a.yaml:6: `spec.provider` must have exactly one provider; write `fake: {data: [...]}` or `local: {}`"),
    store(
      "an empty provider", "local: {}", "local:",
      "a.yaml:7: `spec.provider.local` is empty; write `spec.provider.local: {}`"),
    store(
      "conditions, which would widen access when ignored", "  provider:",
      "  conditions:\n    - namespaces: [a]\n  provider:",
      "a.yaml:6: `spec.conditions` cannot be enforced for callers from other clusters; remove it, and let "
        + "Authorizations say who may read the store"),
    store(
      "another controller's store", "  provider:", "  controller: dev\n  provider:",
      "a.yaml:6: `spec.controller` leaves the store to another controller; remove the field, or the manifest"),
    store(
      "no data", "local: {}", "fake: {validationResult: 2}",
      "a.yaml:7: warning: `spec.provider.fake.validationResult` has no effect on this server; remove it",
      "a.yaml:7: `spec.provider.fake.data` is missing; list the secrets, each with `key` and `value`"),
    store(
      "secrets of every wrong shape", "local: {}",
      """
      fake:
            data:
              - key: a
                value: 12
              - key: ''
                value: x
              - value: x
              - key: b
                valeu: x
              - key: c
                valueMap: {a: b}
              - key: d
              - d
      """,
      "a.yaml:10: `spec.provider.fake.data[0].value` must be a string, not a number; put it in quotes",
      "a.yaml:11: `spec.provider.fake.data[1].key` is empty; name the secret",
      "a.yaml:13: `spec.provider.fake.data[2].key` is missing; name the secret",
      "a.yaml:15: unknown field `spec.provider.fake.data[3].valeu`; did you mean `value`?",
      "a.yaml:17: `spec.provider.fake.data[4].valueMap` is deprecated and not read; write its entries as JSON text in "
        + "`value`",
      "a.yaml:18: `spec.provider.fake.data[5].value` is missing; write the secret's text, `value: \"\"` for none",
      "a.yaml:19: `spec.provider.fake.data[6]` must be a mapping, not a string; it has the fields `key`, `value` and "
        + "`version`"),
    store(
      "a secret given twice", "local: {}",
      "fake:\n      data:\n        - {key: a, value: x}\n        - {key: a, value: y, version: v2}\n"
        + "        - {key: a, value: z, version: ''}",
      "a.yaml:11: the secret `a` is given twice with the same version, first on line 9; remove one of them"),
    store(
      "a secret given three times among many", "local: {}",
      "fake:\n      data:\n" + (9...2000).map { "        - {key: k\($0), value: x}\n" }.joined()
        + "        - {key: k7, value: x}\n        - {key: k1000, value: x}\n        - {key: k1000, value: x}",
      "a.yaml:2002: the secret `k1000` is given twice with the same version, first on line 1000; remove one of them",
      "a.yaml:2003: the secret `k1000` is given twice with the same version, first on line 2002; remove one of them"),
    store(
      "a key that no request could name", "local: {}",
      "fake:\n      data: [{value: x, key: \(String(repeating: "k", count: 1025))}]",
      "a.yaml:8: `spec.provider.fake.data[0].key` is longer than 1024 bytes, so no request could name it; shorten it"),
  ]
}
