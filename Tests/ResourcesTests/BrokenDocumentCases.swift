// One fault each, and all that is printed for it.
extension BrokenManifestTests {
  static let document: [Case] = [
    Case(
      testDescription: "not YAML", text: "kind: [Authorization\nspec: {}\n",
      expected: ["a.yaml:1: the list opened with `[` is not closed; add the missing `,` or `]`"]),
    Case(
      testDescription: "a tab", file: "sub/b.yml", text: "kind: Authorization\nmetadata:\n\tname: x\n",
      expected: ["sub/b.yml:3: a tab cannot indent; use spaces"]),
    Case(
      testDescription: "no mapping", text: "# head\n- a\n",
      expected: [
        "a.yaml:2: a manifest must be a mapping, not a list; it has the fields `apiVersion`, `kind`, `metadata`, `spec` "
          + "and `status`"
      ]),
    store(
      "a duplicate key", "provider:", "controller: external-secrets\n  controller: x\n  provider:",
      "a.yaml:7: `controller` is given twice, first on line 6; remove one of them"),
    store(
      "no kind", "kind: ClusterSecretStore\n", "",
      "a.yaml:1: `kind` is missing; name what the manifest describes, for example `kind: Authorization`"),
    store(
      "a key without text", "kind:", "? # nothing\nkind:",
      "a.yaml:2: unknown field ``; the fields here are `apiVersion`, `kind`, `metadata`, `spec` and `status`"),
    store("a misspelt kind field", "kind:", "knid:", "a.yaml:2: unknown field `knid`; did you mean `kind`?"),
    store(
      "no apiVersion", "apiVersion: external-secrets.io/v1\n", "",
      "a.yaml:1: `apiVersion` is missing; write `apiVersion: external-secrets.io/v1` for ClusterSecretStore"),
    store(
      "a misspelt kind", "ClusterSecretStore", "ClusterSecretsStore",
      "a.yaml:2: unknown kind `ClusterSecretsStore`; did you mean `ClusterSecretStore`?"),
    store(
      "a foreign kind", "ClusterSecretStore", "Deployment",
      "a.yaml:2: unknown kind `Deployment`; this server reads `KubernetesFederation`, `OktaFederation`, "
        + "`PingIdentityFederation`, `OIDCFederation`, `SpiffeFederation`, `Authorization`, `ClusterSecretStore`, `Secret`, `ConfigMap`, `Fake`, `Password`, `UUID`, `SSHKey`, `BasicAuth`, `MFA`, `Webhook`, "
        + "`PostgreSql` and `VaultDynamicSecret`"),
    store(
      "a namespaced store", "ClusterSecretStore", "SecretStore",
      "a.yaml:2: only stores of the whole cluster are served, not `SecretStore`; write a `ClusterSecretStore`"),
    store(
      "a kind of the client's side", "ClusterSecretStore", "ExternalSecret",
      "a.yaml:2: `ExternalSecret` belongs on the client's side, the server does not read it; remove the manifest"),
    Case(
      testDescription: "a generator that this server has not",
      text: """
        apiVersion: generators.external-secrets.io/v1alpha1
        kind: ECRAuthorizationToken
        metadata: {name: p}
        spec: {region: eu-west-1}

        """,
      expected: [
        "a.yaml:2: this server has no generator of kind `ECRAuthorizationToken`; it has `Fake`, `Password`, `UUID`, "
          + "`SSHKey`, `BasicAuth`, `MFA`, `Webhook`, `PostgreSql` and `VaultDynamicSecret`; remove the manifest"
      ]),
    Case(
      testDescription: "a misspelt generator",
      text: """
        apiVersion: generators.external-secrets.io/v1alpha1
        kind: PostgreSQL2
        metadata: {name: p}

        """,
      expected: [
        "a.yaml:2: this server has no generator of kind `PostgreSQL2`; it has `Fake`, `Password`, `UUID`, "
          + "`SSHKey`, `BasicAuth`, `MFA`, `Webhook`, `PostgreSql` and `VaultDynamicSecret`; did you mean `PostgreSql`?"
      ]),
    Case(
      testDescription: "a generator of another version",
      text: "apiVersion: generators.external-secrets.io/v1\nkind: Password\nmetadata: {name: p}\n",
      expected: [
        "a.yaml:1: `Password` is not in `generators.external-secrets.io/v1`; write "
          + "`apiVersion: generators.external-secrets.io/v1alpha1`"
      ]),
    federation(
      "a wrong group", "identity.federation.external-secrets.io/v1alpha1", "external-secrets.io/v1",
      "a.yaml:1: `KubernetesFederation` is not in `external-secrets.io/v1`; write "
        + "`apiVersion: identity.federation.external-secrets.io/v1alpha1`"),
    store(
      "a wrong version", "io/v1", "io/v2",
      "a.yaml:1: `ClusterSecretStore` is not in `external-secrets.io/v2`; write `apiVersion: external-secrets.io/v1`"),
    store(
      "no metadata", "metadata:\n  name: vault-a\n", "",
      "a.yaml:1: `metadata` is missing; name the object, for example `metadata: {name: example}`"),
    store("no name", "  name: vault-a", "  labels: {}", "a.yaml:3: `metadata.name` is missing; name the object"),
    store("an empty name", "name: vault-a", "name:", "a.yaml:4: `metadata.name` is empty; name the object"),
    store(
      "a number as a name", "name: vault-a", "name: 12",
      "a.yaml:4: `metadata.name` must be a string, not a number; put it in quotes"),
    store(
      "no Kubernetes name", "vault-a", "Vault_A",
      "a.yaml:4: `metadata.name` `Vault_A` is no Kubernetes name; use at most 253 lower-case letters, digits, `-` and "
        + "`.`, and begin and end with a letter or digit"),
    store(
      "a label that is no text", "name: vault-a", "name: vault-a\n  labels:\n    tier: 1",
      "a.yaml:6: `metadata.labels.tier` must be a string, not a number; put it in quotes"),
    store(
      "an unknown field of metadata", "name: vault-a", "name: vault-a\n  lables: {}",
      "a.yaml:5: unknown field `metadata.lables`; did you mean `labels`?"),
    Case(
      testDescription: "an alias", text: "a: &x 1\n---\nb: &y 1\nc: *y\n",
      expected: [
        "a.yaml:1: unknown field `a`; the fields here are `apiVersion`, `kind`, `metadata`, `spec` and `status`",
        "a.yaml:1: `kind` is missing; name what the manifest describes, for example `kind: Authorization`",
        "a.yaml:1: `apiVersion` is missing; write `apiVersion: federation.external-secrets.io/v1alpha1`",
        "a.yaml:4: aliases (`*name`) are not supported; write the value out",
      ]),
  ]
}
