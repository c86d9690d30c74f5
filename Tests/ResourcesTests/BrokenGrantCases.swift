// One fault each, and all that is printed for it.
extension BrokenManifestTests {
  static let grants: [Case] = [
    grant(
      "no federationRef", "  federationRef:\n    kind: KubernetesFederation\n    name: cluster-a\n", "",
      "a.yaml:21: `spec.federationRef` is missing; name the federation whose tokens are meant: "
        + "`federationRef: {kind: KubernetesFederation, name: ...}`"),
    grant(
      "an unknown federation kind", "kind: KubernetesFederation", "kind: KubernetsFederation",
      "a.yaml:23: unknown federation kind `KubernetsFederation`; did you mean `KubernetesFederation`?"),
    grant(
      "a federation that is not there", "name: cluster-a", "name: cluster-b",
      "a.yaml:24: warning: no manifest defines KubernetesFederation `cluster-b`; until one does, this grant has no effect"
    ),
    grant(
      "a store that is not there", "- vault-a", "- vault-a\n    - vault-b",
      "a.yaml:31: warning: no manifest defines ClusterSecretStore `vault-b`; until one does, this grant has no effect"),
    grant(
      "neither subject",
      "    oidc:\n      issuer: https://kubernetes.default.svc\n      subject: system:serviceaccount:default:app\n",
      "    {}\n",
      "a.yaml:25: `spec.subject`: spiffe or subject must be set; write `oidc` with `issuer` and `subject`, or `spiffe` "
        + "with `spiffeID`, and only one of them"),
    grant(
      "both subjects", "    oidc:", "    spiffe: {spiffeID: 'spiffe://example.org/app'}\n    oidc:",
      "a.yaml:25: `spec.subject`: spiffe or subject must be set; write `oidc` with `issuer` and `subject`, or `spiffe` "
        + "with `spiffeID`, and only one of them"),
    grant(
      "flat and nested subject", "    oidc:", "    issuer: https://other\n    oidc:",
      "a.yaml:25: `spec.subject`: spiffe or subject must be set; write `oidc` with `issuer` and `subject`, or `spiffe` "
        + "with `spiffeID`, and only one of them"),
    grant(
      "an empty issuer", "issuer: https://kubernetes.default.svc", "issuer: ''",
      "a.yaml:27: `spec.subject.oidc.issuer` is empty; write the `iss` of the tokens, exactly as the issuer writes it"),
    grant(
      "no subject in oidc", "      subject: system:serviceaccount:default:app\n", "",
      "a.yaml:26: `spec.subject.oidc.subject` is missing; write the `sub` of the tokens, for example "
        + "`system:serviceaccount:default:app`"),
    grant(
      "a subject with a line break", "subject: system:serviceaccount:default:app", "subject: |\n        app",
      "a.yaml:28: `spec.subject.oidc.subject` begins or ends with a space or line break and would never match; remove it"
    ),
    grant(
      "a SPIFFE ID without its scheme",
      "    oidc:\n      issuer: https://kubernetes.default.svc\n      subject: system:serviceaccount:default:app\n",
      "    spiffe: {spiffeID: example.org/app}\n",
      "a.yaml:26: `spec.subject.spiffe.spiffeID` is no SPIFFE ID; write it in full, for example "
        + "`spiffe://example.org/shop/ns/default/sa/UID/shop/pod/UID/shop-0`"),
    grant(
      "a SPIFFE ID whose path names no workload",
      "    oidc:\n      issuer: https://kubernetes.default.svc\n      subject: system:serviceaccount:default:app\n",
      "    spiffe: {spiffeID: 'spiffe://example.org/app'}\n",
      "a.yaml:26: `spec.subject.spiffe.spiffeID` can never match: its path must have the form "
        + "`/{app}/ns/{namespace}/sa/{saUID}/{saName}/pod/{podUID}/{podName}`, as in "
        + "`spiffe://example.org/shop/ns/default/sa/UID/shop/pod/UID/shop-0`"),
    grant(
      "a SPIFFE ID of a Kubernetes federation",
      "    oidc:\n      issuer: https://kubernetes.default.svc\n      subject: system:serviceaccount:default:app\n",
      "    spiffe: {spiffeID: 'spiffe://example.org/app/ns/n/sa/1/a/pod/2/p'}\n",
      "a.yaml:23: warning: a `spiffe` subject never matches a KubernetesFederation; refer to a `SpiffeFederation`"),
    grant(
      "a store in place of the list", "allowedClusterSecretStores:\n    - vault-a",
      "allowedClusterSecretStores: vault-a",
      "a.yaml:29: `spec.allowedClusterSecretStores` must be a list, not a string; begin each item with `- `"),
    grant(
      "a misspelt list", "allowedClusterSecretStores", "allowedClusterSecretStore",
      "a.yaml:29: unknown field `spec.allowedClusterSecretStore`; did you mean `allowedClusterSecretStores`?"),
    grant(
      "a wildcard", "- vault-a", "- '*'",
      "a.yaml:30: `spec.allowedClusterSecretStores[0]` `*` is no Kubernetes name; use at most 253 lower-case letters, "
        + "digits, `-` and `.`, and begin and end with a letter or digit"),
    grant(
      "a generator without its namespace", "    - vault-a\n",
      "    - vault-a\n  allowedGenerators:\n    - name: p\n      kind: Password\n",
      "a.yaml:32: `spec.allowedGenerators[0].namespace` is missing; name the namespace"),
    grant(
      "a generator of another version", "    - vault-a\n",
      "    - vault-a\n  allowedGenerators:\n    - {name: p, kind: password, namespace: n, apiVersion: v1}\n",
      "a.yaml:32: `spec.allowedGenerators[0].kind` `password` is no kind; write it as the generator does, for example "
        + "`Password`",
      "a.yaml:32: `spec.allowedGenerators[0].apiVersion` must be `generators.external-secrets.io/v1alpha1`, "
        + "or be left out"),
    grant(
      "a namespace in place of a mapping", "    - vault-a\n", "    - vault-a\n  allowedGeneratorStates: [team-a]\n",
      "a.yaml:31: `spec.allowedGeneratorStates[0]` must be a mapping, not a string; it has the fields `namespace`"),
    grant(
      "a namespace that is none", "    - vault-a\n", "    - vault-a\n  allowedGeneratorStates: [{namespace: a.b}]\n",
      "a.yaml:31: `spec.allowedGeneratorStates[0].namespace` `a.b` is no namespace; use at most 63 lower-case letters, "
        + "digits and `-`, and begin and end with a letter or digit"),
  ]
}
