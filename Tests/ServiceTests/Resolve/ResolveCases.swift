import FederationAPI
import Testing

/// One ExternalSecret and what its Secret holds.
struct ResolveCase: Sendable, CustomTestStringConvertible {
  let name: String
  var data = ""
  var dataFrom = ""
  var expected: [String: String] = [:]
  var failure: RPCError?

  var testDescription: String { name }

  static func data(_ name: String, _ json: String, _ expected: [String: String]) -> Self {
    ResolveCase(name: name, data: json, expected: expected)
  }

  static func from(_ name: String, _ json: String, _ expected: [String: String]) -> Self {
    ResolveCase(name: name, dataFrom: json, expected: expected)
  }

  static func fails(_ data: String = "", from: String = "", _ code: StatusCode, _ message: String) -> Self {
    ResolveCase(name: message, data: data, dataFrom: from, failure: RPCError(code, message))
  }

  static let all = data + extract + find + rewrite + failures + unknown

  private static let data: [ResolveCase] = [
    .data("nothing", "", [:]),
    .data("null", "null", [:]),
    .data("one value", #"[{"secretKey":"p","remoteRef":{"key":"db"}}]"#, ["p": "hunter2"]),
    .data(
      "a property, and a number as text",
      #"[{"secretKey":"u","remoteRef":{"key":"dev","property":"password"}},{"secretKey":"n","remoteRef":{"key":"doc","property":"port"}}]"#,
      ["u": "bar", "n": "5432"]),
    .data(
      "a version", #"[{"secretKey":"v","remoteRef":{"key":"versioned","version":"v1"}}]"#, ["v": "one"]),
    .data(
      "ESO's defaults written out",
      #"[{"secretKey":"p","remoteRef":{"key":"db","property":"","version":"","decodingStrategy":"None","conversionStrategy":"Default","metadataPolicy":"None","nullBytePolicy":"Ignore"},"sourceRef":null}]"#,
      ["p": "hunter2"]),
    .data(
      "Base64", #"[{"secretKey":"p","remoteRef":{"key":"b64","decodingStrategy":"Base64"}}]"#, ["p": "hunter2"]),
    .data(
      "Base64URL", #"[{"secretKey":"p","remoteRef":{"key":"b64url","decodingStrategy":"Base64URL"}}]"#, ["p": "???"]),
    .data(
      "Auto",
      #"[{"secretKey":"a","remoteRef":{"key":"b64","decodingStrategy":"Auto"}},{"secretKey":"b","remoteRef":{"key":"list","decodingStrategy":"Auto"}}]"#,
      ["a": "hunter2", "b": "[1]"]),
    .data(
      "another store",
      #"[{"secretKey":"p","remoteRef":{"key":"app/cache"},"sourceRef":{"storeRef":{"name":"vault","kind":"ClusterSecretStore"}}}]"#,
      ["p": "redis"]),
    .data(
      "the newest version and an older one of the local store",
      #"[{"secretKey":"n","remoteRef":{"key":"other"},"sourceRef":{"storeRef":{"name":"vault"}}},{"secretKey":"o","remoteRef":{"key":"other","version":"1"},"sourceRef":{"storeRef":{"name":"vault"}}}]"#,
      ["n": "new", "o": "old"]),
    .data(
      "of one key twice the later wins",
      #"[{"secretKey":"p","remoteRef":{"key":"db"}},{"secretKey":"p","remoteRef":{"key":"b64"}}]"#,
      ["p": "aHVudGVyMg=="]),
    ResolveCase(
      name: "data is applied over dataFrom", data: #"[{"secretKey":"user","remoteRef":{"key":"db"}}]"#,
      dataFrom: #"[{"extract":{"key":"encoded"}}]"#, expected: ["user": "hunter2"]),
  ]

  private static let extract: [ResolveCase] = [
    .from(
      "extract", #"[{"extract":{"key":"doc"}}]"#,
      [
        "user": "last", "port": "5432", "tls": "true", "none": "", "tags": #"["a", "b"]"#,
        "big": "12345678901234567890",
      ]),
    .from(
      "extract of another store", #"[{"extract":{"key":"app/db"},"sourceRef":{"storeRef":{"name":"vault"}}}]"#,
      ["user": "ada", "pass": "s3cret"]),
    .from(
      "extract of a property", #"[{"extract":{"key":"parts","property":"one"}}]"#, ["a": "1", "b": "x"]),
    .from("extract converts keys", #"[{"extract":{"key":"odd"}}]"#, ["foo_bar": "1111", "foo_baz": "2222"]),
    .from(
      "extract converts keys as Unicode", #"[{"extract":{"key":"odd","conversionStrategy":"Unicode"}}]"#,
      ["foo_U002f_bar": "1111", "foo_U0024_baz": "2222"]),
    .from(
      "extract decodes", #"[{"extract":{"key":"encoded","decodingStrategy":"Base64"}}]"#, ["user": "ada"]),
    .from(
      "later items win", #"[{"extract":{"key":"dev"}},{"extract":{"key":"prod"}}]"#, ["password": "safebar"]),
    .from(
      "the same extracted twice", #"[{"extract":{"key":"dev"}},{"extract":{"key":"dev"}}]"#, ["password": "bar"]),
  ]

  private static let find: [ResolveCase] = [
    .from(
      "all tags", #"[{"find":{"tags":{"team":"a","env":"prod"}},"sourceRef":{"storeRef":{"name":"tagged"}}}]"#,
      ["env_prod_team_a": "env=prod,team=a"]),
    .from(
      "one tag", #"[{"find":{"tags":{"team":"a"}},"sourceRef":{"storeRef":{"name":"tagged"}}}]"#,
      ["env_prod_team_a": "env=prod,team=a", "env_dev_team_a": "env=dev,team=a"]),
    .from(
      "tags that no key has", #"[{"find":{"tags":{"team":"A"}},"sourceRef":{"storeRef":{"name":"tagged"}}}]"#, [:]),
    .from(
      "tags and a name",
      #"[{"find":{"tags":{"team":"a"},"name":{"regexp":"dev"}},"sourceRef":{"storeRef":{"name":"tagged"}}}]"#,
      ["env_dev_team_a": "env=dev,team=a"]),
    .from(
      "tags and a path",
      #"[{"find":{"tags":{"team":"a"},"path":"env=prod"},"sourceRef":{"storeRef":{"name":"tagged"}}}]"#,
      ["env_prod_team_a": "env=prod,team=a"]),
    .from(
      "no tags beside a name", #"[{"find":{"tags":{},"name":{"regexp":"^db$"}}}]"#, ["db": "hunter2"]),
    .from(
      "find by name", #"[{"find":{"name":{"regexp":"^b64"}}}]"#, ["b64": "aHVudGVyMg==", "b64url": "Pz8_"]),
    .from("find takes the newest version", #"[{"find":{"name":{"regexp":"^versioned$"}}}]"#, ["versioned": "two"]),
    .from(
      "find by path", #"[{"find":{"path":"path/to/"}}]"#,
      ["path_to_my_secrets_username": "ada", "path_to_my_secrets_password": "s3cret"]),
    .from(
      "find by path and name in the local store",
      #"[{"find":{"path":"app/","name":{"regexp":"cache|other"}},"sourceRef":{"storeRef":{"name":"vault"}}}]"#,
      ["app_cache": "redis"]),
    .from(
      "find decodes", #"[{"find":{"name":{"regexp":"^b64$"},"decodingStrategy":"Base64"}}]"#, ["b64": "hunter2"]),
    .from("find of nothing", #"[{"find":{"name":{"regexp":"nothing-like-it"}}}]"#, [:]),
  ]

  private static let rewrite: [ResolveCase] = [
    .from(
      "a common path removed",
      #"[{"find":{"name":{"regexp":"^path/to/my/secrets/"}},"rewrite":[{"regexp":{"source":"path/to/my/secrets/(.*)","target":"$1"}}]}]"#,
      ["username": "ada", "password": "s3cret"]),
    .from(
      "a prefix against collisions",
      #"[{"extract":{"key":"dev"},"rewrite":[{"regexp":{"source":"(.*)","target":"dev_${1}"}}]},{"extract":{"key":"prod"},"rewrite":[{"regexp":{"source":"(?P<name>.*)","target":"prod_${name}"}}]}]"#,
      ["dev_password": "bar", "prod_password": "safebar"]),
    .from(
      "several operations in order",
      #"[{"extract":{"key":"odd"},"rewrite":[{"regexp":{"source":"[^a-z]","target":"-"}},{"regexp":{"source":"^foo-","target":""}}]}]"#,
      ["bar": "1111", "baz": "2222"]),
    .from(
      "a key that becomes empty is dropped",
      #"[{"extract":{"key":"dev"},"rewrite":[{"regexp":{"source":".*","target":""}}]}]"#, [:]),
    .from(
      "merge by extraction",
      #"[{"extract":{"key":"parts"},"rewrite":[{"merge":{"conflictPolicy":"Ignore"}}]}]"#,
      ["a": "1", "b": "", "c": "[1,2]"]),
    .from(
      "merge with a priority",
      #"[{"extract":{"key":"parts"},"rewrite":[{"merge":{"conflictPolicy":"Ignore","priority":["one"]}}]}]"#,
      ["a": "1", "b": "x", "c": "[1,2]"]),
    .from(
      "merge into JSON",
      #"[{"extract":{"key":"parts"},"rewrite":[{"merge":{"strategy":"JSON","into":"all","conflictPolicy":"Ignore","priority":["one","no"],"priorityPolicy":"IgnoreNotFound"}},{"regexp":{"source":"^(one|two)$","target":""}}]}]"#,
      ["all": #"{"a":1,"b":"x","c":[1,2]}"#]),
  ]

  private static let failures: [ResolveCase] = [
    .fails(
      #"[{"secretKey":"p","remoteRef":{"key":"gone"}}]"#, .notFound, "data[0]: no secret \"gone\" in store \"fake\""),
    .fails(
      from: #"[{"extract":{"key":"dev"}},{"extract":{"key":"gone"}}]"#, .notFound,
      "dataFrom[1]: no secret \"gone\" in store \"fake\""),
    .fails(
      #"[{"secretKey":"p","remoteRef":{"key":"db"},"sourceRef":{"storeRef":{"name":"denied"}}}]"#, .permissionDenied,
      "Not Found"),
    .fails(
      from: #"[{"find":{"path":""},"sourceRef":{"storeRef":{"name":"denied"}}}]"#, .permissionDenied, "Not Found"),
    .fails(
      from: #"[{"sourceRef":{"generatorRef":{"kind":"Webhook","name":"other"}}}]"#, .permissionDenied, "Not Found"),
    .fails(
      #"[{"secretKey":"p","remoteRef":{"key":"db"},"sourceRef":{"storeRef":{"name":"ghost"}}}]"#, .failedPrecondition,
      "data[0]: store \"ghost\" is not configured on this server; ask its operator for a ClusterSecretStore"),
    .fails(
      from: #"[{"find":{"path":"a"},"sourceRef":{"storeRef":{"name":"opaque"}}}]"#, .failedPrecondition,
      "dataFrom[0]: store \"opaque\" cannot list its keys, which find needs"),
    .fails(
      from: #"[{"find":{"tags":{"team":"a"}},"sourceRef":{"storeRef":{"name":"hidden"}}}]"#, .permissionDenied,
      "Not Found"),
    .fails(
      from: #"[{"find":{"tags":{}}}]"#, .invalidArgument, "dataFrom[0].find: needs name.regexp, path or tags"),
    .fails(
      from: #"[{"find":{"tags":["a"]}}]"#, .invalidArgument, "dataFrom[0].find.tags: must be an object of strings"),
    .fails(
      from: #"[{"find":{"tags":{"a":1}}}]"#, .invalidArgument, "dataFrom[0].find.tags: must be an object of strings"),
    .fails(
      from: #"[{"find":{"tags":{"":"a"}}}]"#, .invalidArgument, "dataFrom[0].find.tags: has an empty key"),
    .fails(
      from: "[{\"find\":{\"tags\":{\((0...64).map { "\"t\($0)\":\"\"" }.joined(separator: ","))}}}]", .invalidArgument,
      "dataFrom[0].find.tags: has more than 64 tags"),
    .fails(
      from: "[{\"find\":{\"tags\":{\"a\":\"\(String(repeating: "x", count: 1_025))\"}}}]", .invalidArgument,
      "dataFrom[0].find.tags: must have keys and values of at most 1024 bytes without NUL"),
    .fails(
      from: #"[{"find":{"tags":{"a":"b"}}}]"#, .failedPrecondition,
      "dataFrom[0].find.tags: store \"fake\" has no tags to find by"),
    .fails(
      #"[{"secretKey":"p","remoteRef":{"key":"list","decodingStrategy":"Base64"}}]"#, .failedPrecondition,
      "data[0]: the value of \"p\" is not Base64"),
    .fails(
      #"[{"secretKey":"p","remoteRef":{"key":"bin","nullBytePolicy":"Fail"},"sourceRef":{"storeRef":{"name":"vault"}}}]"#,
      .failedPrecondition, "data[0]: the value of \"p\" has a NUL byte, which nullBytePolicy refuses"),
    .fails(
      from: #"[{"extract":{"key":"list"}}]"#, .failedPrecondition,
      "dataFrom[0]: the value of \"list\" is no JSON object of at most 10000 members"),
    .fails(
      from: #"[{"extract":{"key":"clash"}}]"#, .failedPrecondition, "dataFrom[0]: two keys become \"a_b\""),
    .fails(
      from: #"[{"extract":{"key":"accent"}}]"#, .failedPrecondition,
      "dataFrom[0]: \"\u{E9}\" must be a key of 1 to 253 letters, digits, '-', '_' and '.'"),
    .fails(
      from: #"[{"extract":{"key":"odd"},"rewrite":[{"regexp":{"source":"x","target":"y"}}]}]"#, .failedPrecondition,
      "dataFrom[0]: \"foo$baz\" must be a key of 1 to 253 letters, digits, '-', '_' and '.'"),
    .fails(
      from: #"[{"extract":{"key":"parts"},"rewrite":[{"merge":{}}]}]"#, .failedPrecondition,
      "dataFrom[0].rewrite[0]: two values have the member \"b\""),
    .fails(
      from: #"[{"extract":{"key":"dev"},"rewrite":[{"merge":{}}]}]"#, .failedPrecondition,
      "dataFrom[0].rewrite[0]: the value of \"password\" is no JSON object"),
    .fails(
      from: #"[{"extract":{"key":"parts"},"rewrite":[{"merge":{"conflictPolicy":"Ignore","priority":["no"]}}]}]"#,
      .failedPrecondition,
      "dataFrom[0].rewrite[0]: there is no key \"no\" of priority"),
  ]
}
