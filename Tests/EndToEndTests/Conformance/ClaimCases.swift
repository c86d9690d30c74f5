import JSON

extension ConformanceTable {
  /// What the claims say (RFC 7519 section 4.1): when, for whom, about whom.
  static let claims: [ConformanceCase] = [
    ConformanceCase("expired", .unauthenticated) { try $0.token(claims: ["exp": $0.time(-600)]) },
    ConformanceCase("expired long ago", .unauthenticated) { try $0.token(claims: ["exp": 1]) },
    ConformanceCase("D15: exp missing", .unauthenticated) { try $0.token(claims: ["exp": nil]) },
    ConformanceCase("exp a string", .unauthenticated) { try $0.token(claims: ["exp": "4102444800"]) },
    ConformanceCase("exp negative", .unauthenticated) { try $0.token(claims: ["exp": -1]) },
    ConformanceCase("not yet valid", .unauthenticated) { try $0.token(claims: ["nbf": $0.time(600)]) },
    ConformanceCase("nbf a string", .unauthenticated) { try $0.token(claims: ["nbf": "0"]) },
    ConformanceCase("issued in the future", .unauthenticated) { try $0.token(claims: ["iat": $0.time(600)]) },
    ConformanceCase("D15: a clock five seconds ahead is tolerated", .value("s3cret")) { world in
      try world.token(claims: ["iat": world.time(5), "nbf": world.time(5)])
    },
    ConformanceCase("nbf and iat missing", .value("s3cret")) { try $0.token(claims: ["nbf": nil, "iat": nil]) },
    ConformanceCase("issuer that no Authorization names", .unauthenticated) { world in
      try world.token(claims: ["iss": "https://nobody.example"])
    },
    ConformanceCase("issuer with a slash added", .unauthenticated) { world in
      try world.token(claims: ["iss": .string(ConformanceWorld.issuer("main") + "/")])
    },
    ConformanceCase("issuer missing", .unauthenticated) { try $0.token(claims: ["iss": nil]) },
    ConformanceCase("issuer not a string", .unauthenticated) { world in
      try world.token(claims: ["iss": [.string(ConformanceWorld.issuer("main"))]])
    },
    ConformanceCase("subject that no Authorization names", .notAuthorized) { world in
      try world.token(claims: ["sub": "system:serviceaccount:apps:stranger"])
    },
    ConformanceCase("subject in another case", .notAuthorized) { world in
      try world.token(claims: ["sub": "system:serviceaccount:apps:App"])
    },
    ConformanceCase("subject missing", .unauthenticated) { try $0.token(claims: ["sub": nil]) },
    ConformanceCase("subject empty", .unauthenticated) { try $0.token(claims: ["sub": ""]) },
    ConformanceCase("subject not a string", .unauthenticated) { try $0.token(claims: ["sub": 12]) },
    ConformanceCase("D16: the audience that the federation wants", .value("for the audience")) { world in
      try world.token(cluster: "audience", claims: ["aud": ["other", "ese-federation"]])
    }.with { $0.store = "audience" },
    ConformanceCase("D16: the audience as one string", .value("for the audience")) { world in
      try world.token(cluster: "audience", claims: ["aud": "ese-federation"])
    }.with { $0.store = "audience" },
    ConformanceCase("D16: another audience", .unauthenticated) { world in
      try world.token(cluster: "audience", claims: ["aud": ["https://kubernetes.default.svc"]])
    }.with { $0.store = "audience" },
    ConformanceCase("D16: audience missing where one is wanted", .unauthenticated) { world in
      try world.token(cluster: "audience", claims: ["aud": nil])
    }.with { $0.store = "audience" },
    ConformanceCase("any audience where none is wanted", .value("s3cret")) { world in
      try world.token(claims: ["aud": ["anything"]])
    },
  ]
}
