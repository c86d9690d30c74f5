import FederationAPI

extension ResolveCase {
  private static func invalid(_ data: String = "", from: String = "", _ message: String) -> ResolveCase {
    .fails(data, from: from, .invalidArgument, message)
  }

  /// What cannot be right whatever the stores hold, with its path.
  static let unknown: [ResolveCase] = [
    invalid("{", "data: not a JSON text"),
    invalid("{}", "data: must be an array"),
    invalid("[1]", "data[0]: must be an object"),
    invalid(#"[{"secretKey":"p"}]"#, "data[0].remoteRef: is required"),
    invalid(#"[{"remoteRef":{"key":"db"}}]"#, "data[0].secretKey: is required"),
    invalid(
      #"[{"secretKey":"a/b","remoteRef":{"key":"db"}}]"#,
      "data[0].secretKey: must be a key of 1 to 253 letters, digits, '-', '_' and '.'"),
    invalid(#"[{"secretKey":"p","remoteRef":{}}]"#, "data[0].remoteRef.key: is required"),
    invalid(#"[{"secretKey":"p","remoteRef":{"key":7}}]"#, "data[0].remoteRef.key: must be a string"),
    invalid(
      #"[{"secretKey":"p","remoteRef":{"key":"a\u0000b"}}]"#,
      "data[0].remoteRef.key: must not hold a NUL character"),
    invalid(
      #"[{"secretKey":"p","remoteRef":{"key":"db","propery":"x"}}]"#, "data[0].remoteRef.propery: unknown field"),
    invalid(
      #"[{"secretKey":"p","remoteRef":{"key":"db","decodingStrategy":"base64"}}]"#,
      "data[0].remoteRef.decodingStrategy: must be None or Base64 or Base64URL or Auto"),
    invalid(
      #"[{"secretKey":"p","remoteRef":{"key":"db","metadataPolicy":"Fetch"}}]"#,
      "data[0].remoteRef.metadataPolicy: Fetch is not served: no store here has metadata"),
    invalid(
      #"[{"secretKey":"p","remoteRef":{"key":"db"},"sourceRef":{"generatorRef":{"kind":"UUID","name":"u"}}}]"#,
      "data[0].sourceRef.generatorRef: data takes no generator; use dataFrom"),
    invalid(
      #"[{"secretKey":"p","remoteRef":{"key":"db"},"sourceRef":{"storeRef":{"name":"fake","kind":"SecretStore"}}}]"#,
      "data[0].sourceRef.storeRef.kind: must be ClusterSecretStore"),
    invalid(
      #"[{"secretKey":"p","remoteRef":{"key":"db"},"sourceRef":{}}]"#, "data[0].sourceRef.storeRef: is required"),
    invalid(
      from: "[{}]", "dataFrom[0]: needs exactly one of extract, find and sourceRef.generatorRef"),
    invalid(
      from: #"[{"extract":{"key":"a"},"find":{"path":"a"}}]"#,
      "dataFrom[0]: needs exactly one of extract, find and sourceRef.generatorRef"),
    invalid(from: #"[{"find":{}}]"#, "dataFrom[0].find: needs name.regexp, path or tags"),
    invalid(from: #"[{"find":{"name":{}}}]"#, "dataFrom[0].find.name.regexp: is required"),
    invalid(
      from: #"[{"find":{"name":{"regexp":"(?=a)"}}}]"#,
      "dataFrom[0].find.name.regexp: the regular expression uses lookaround, which RE2 does not have"),
    invalid(
      from: #"[{"extract":{"key":"dev"},"rewrite":[{"transform":{"template":"x"}}]}]"#,
      "dataFrom[0].rewrite[0].transform: templates are not served; use regexp"),
    invalid(
      from: #"[{"extract":{"key":"dev"},"rewrite":[{}]}]"#,
      "dataFrom[0].rewrite[0]: needs exactly one of regexp and merge"),
    invalid(
      from: #"[{"extract":{"key":"dev"},"rewrite":[{"merge":{"strategy":"JSON"}}]}]"#,
      "dataFrom[0].rewrite[0].merge.into: is required"),
    invalid(
      from: #"[{"sourceRef":{"generatorRef":{"apiVersion":"v1","kind":"UUID","name":"u"}}}]"#,
      "dataFrom[0].sourceRef.generatorRef.apiVersion: must be generators.external-secrets.io/v1alpha1"),
  ]
}
