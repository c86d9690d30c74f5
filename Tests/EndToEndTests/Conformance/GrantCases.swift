import JSON

extension ConformanceTable {
  /// Who may have what, by which Authorization and federation.
  static let grants: [ConformanceCase] = [
    .asking("a store that another subject may read", store: "other", secret: "password", .notAuthorized),
    .asking("a store that is neither granted nor configured", store: "nowhere", secret: "password", .notAuthorized),
    .asking("a store in another case", store: "App", secret: "password", .notAuthorized),
    .asking("a store's name cut short", store: "ap", secret: "password", .notAuthorized),
    .asking(
      "a second Authorization for the subject adds up", store: "extra", secret: "password", .value("extra value")),
    .asking(
      "a missing key in a store that is not granted says no more", store: "other", secret: "nothing", .notAuthorized),
    .asking(
      "a store that is granted and not configured", store: "unconfigured", secret: "password",
      .failure(
        .failedPrecondition,
        "store \"unconfigured\" is not configured on this server; ask its operator for a ClusterSecretStore")),
    ConformanceCase("an Authorization in the older flat form", .value("s3cret")) { world in
      try world.token(claims: ["sub": "system:serviceaccount:apps:older"])
    },
    ConformanceCase("D9: odd members and unusable keys in the key set do no harm", .value("s3cret")) { world in
      try world.token(key: "x5c")
    },
    // Two clusters that use one issuer string, each with its own keys and Authorization for the same subject.
    ConformanceCase("D5: twin one reads what twin one was granted", .value("of twin one")) { world in
      try world.token(cluster: "twin-one")
    }.with { $0.store = "twin-one" },
    ConformanceCase("D5: twin two reads what twin two was granted", .value("of twin two")) { world in
      try world.token(cluster: "twin-two")
    }.with { $0.store = "twin-two" },
    ConformanceCase("D5: twin one does not read what twin two was granted", .notAuthorized) { world in
      try world.token(cluster: "twin-one")
    }.with { $0.store = "twin-two" },
    ConformanceCase("D5: twin two does not read what twin one was granted", .notAuthorized) { world in
      try world.token(cluster: "twin-two")
    }.with { $0.store = "twin-one" },
    ConformanceCase("D4: a sibling federation that is down does no harm", .value("of half")) { world in
      try world.token(cluster: "half-up")
    }.with { $0.store = "half" },
  ]
}
