// swift-tools-version: 6.1
// The targets stand in layer order, lowest first: a target may depend only on
// targets above it in this file. scripts/check-imports.sh holds the sources to it.
import PackageDescription

let settings: [SwiftSetting] = [.swiftLanguageMode(.v6)]

// The addresses of libraries' functions are looked up at the start, and the table of them can be read-only from then on.
let programLinking: [LinkerSetting] = [
  .unsafeFlags(["-Xlinker", "-z", "-Xlinker", "now", "-Xlinker", "-z", "-Xlinker", "relro"])
]

// C: module maps and static inline shims only.
let cLayer: [Target] = [
  .systemLibrary(name: "CLinux"),
  .systemLibrary(name: "COpenSSL", pkgConfig: "openssl", providers: [.apt(["libssl-dev"])]),
  .systemLibrary(name: "CProtobufC", pkgConfig: "libprotobuf-c", providers: [.apt(["libprotobuf-c-dev"])]),
  .systemLibrary(name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
  .systemLibrary(name: "CYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),
  .systemLibrary(name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
  .systemLibrary(name: "CPostgreSQL", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
  .systemLibrary(name: "CNghttp2", pkgConfig: "libnghttp2", providers: [.apt(["libnghttp2-dev"])]),
  .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
  .target(name: "CFederationProto", dependencies: ["CProtobufC"]),
  .target(name: "CWipingMemory"),
]

// Schema: what is asked and answered, in Swift values, and its protobuf form.
let schemaLayer: [Target] = [
  .target(name: "Logging", dependencies: ["CLinux"], swiftSettings: settings),
  .target(name: "Threads", dependencies: ["CLinux"], swiftSettings: settings),
  .target(name: "FederationAPI", dependencies: ["CLinux"], swiftSettings: settings),
  .target(
    name: "FederationProto", dependencies: ["FederationAPI", "CFederationProto", "CProtobufC"],
    swiftSettings: settings),
]

// Transport and the wrapped libraries: they know nothing of federation.
let transportLayer: [Target] = [
  .target(name: "JSON", swiftSettings: settings),
  .target(name: "RegularExpressions", swiftSettings: settings),
  .target(name: "YAML", dependencies: ["CYAML"], swiftSettings: settings),
  .target(name: "SQLite", dependencies: ["CSQLite", "CLinux"], swiftSettings: settings),
  .target(
    name: "PostgreSQL", dependencies: ["CPostgreSQL", "CLinux", "Threads", "FederationAPI"], swiftSettings: settings),
  .target(name: "Crypto", dependencies: ["COpenSSL", "FederationAPI"], swiftSettings: settings),
  .target(
    name: "Transport", dependencies: ["CLinux", "COpenSSL", "Logging", "Threads", "FederationAPI"],
    swiftSettings: settings),
  .target(
    name: "HTTPClient", dependencies: ["CCurl", "Transport", "Logging", "Threads"], swiftSettings: settings),
  .target(
    name: "Kubernetes", dependencies: ["HTTPClient", "JSON", "YAML", "FederationAPI", "Logging", "CLinux"],
    swiftSettings: settings),
]

// Wires: bytes <-> service calls; they own no policy.
let wireLayer: [Target] = [
  .target(
    name: "TTRPC", dependencies: ["Transport", "FederationAPI", "FederationProto", "Logging"],
    swiftSettings: settings),
  .target(name: "HTTP1", dependencies: ["Transport", "FederationAPI", "Logging", "CLinux"], swiftSettings: settings),
  .target(
    name: "HTTP2", dependencies: ["CNghttp2", "HTTP1", "Transport", "FederationAPI", "Logging", "CLinux"],
    swiftSettings: settings),
  .target(
    name: "GRPC",
    dependencies: ["CZlib", "HTTP2", "HTTP1", "Transport", "FederationAPI", "FederationProto", "Logging"],
    swiftSettings: settings),
  .target(
    name: "Gateway", dependencies: ["HTTP1", "Transport", "FederationAPI", "JSON", "Logging", "CLinux"],
    swiftSettings: settings),
]

// Domain: who, may they, what. No sockets, no C types in signatures.
let domainLayer: [Target] = [
  .target(
    name: "Resources", dependencies: ["YAML", "Crypto", "FederationAPI", "CLinux", "Logging", "Threads"],
    swiftSettings: settings),
  .target(name: "Policy", dependencies: ["Resources", "FederationAPI"], swiftSettings: settings),
  .target(
    name: "Identity",
    dependencies: ["Policy", "Resources", "Crypto", "JSON", "HTTPClient", "FederationAPI", "Logging"],
    swiftSettings: settings),
  .target(
    name: "SecretStores",
    dependencies: ["Resources", "SQLite", "Crypto", "JSON", "FederationAPI", "Logging", "Threads", "CLinux"],
    swiftSettings: settings),
  .target(
    name: "Providers",
    dependencies: [
      "SecretStores", "Resources", "Kubernetes", "HTTPClient", "Crypto", "JSON", "FederationAPI", "Logging",
    ],
    swiftSettings: settings),
  .target(
    name: "ExternalSecrets", dependencies: ["SecretStores", "RegularExpressions", "JSON", "FederationAPI"],
    swiftSettings: settings),
  .target(name: "Templates", dependencies: ["Crypto", "JSON", "FederationAPI"], swiftSettings: settings),
  .target(
    name: "Generators",
    dependencies: ["Providers", "Resources", "PostgreSQL", "Crypto", "JSON", "HTTPClient", "FederationAPI", "Logging"],
    swiftSettings: settings),
  .target(
    name: "Ledger",
    dependencies: ["SQLite", "PostgreSQL", "Crypto", "JSON", "FederationAPI", "Logging", "Threads", "CLinux"],
    swiftSettings: settings),
  .target(
    name: "Service",
    dependencies: [
      "Identity", "Policy", "SecretStores", "ExternalSecrets", "Generators", "Ledger", "Resources", "Crypto", "JSON",
      "RegularExpressions", "FederationAPI", "Logging",
    ], swiftSettings: settings),
]

// Composition: wiring and lifecycle.
let compositionLayer: [Target] = [
  .target(
    name: "WorkloadAPI",
    dependencies: ["GRPC", "Transport", "Crypto", "FederationProto", "FederationAPI", "Logging"],
    swiftSettings: settings),
  .target(
    name: "FederationServer",
    dependencies: [
      "Service", "Identity", "Policy", "Providers", "SecretStores", "Generators", "Ledger", "Resources", "Gateway",
      "GRPC", "HTTP2", "HTTP1", "TTRPC", "Transport", "HTTPClient", "Kubernetes", "WorkloadAPI", "Crypto", "YAML",
      "JSON", "FederationAPI", "FederationProto", "Logging", "Threads", "CLinux",
    ], swiftSettings: settings),
  .target(
    name: "FederationClient",
    dependencies: [
      "WorkloadAPI", "TTRPC", "GRPC", "Transport", "HTTPClient", "Crypto", "FederationProto", "FederationAPI", "JSON",
      "Logging",
    ],
    swiftSettings: settings),
  .target(
    name: "Reconciler",
    dependencies: [
      "FederationClient", "Kubernetes", "Templates", "ExternalSecrets", "SecretStores", "Resources",
      "RegularExpressions", "Crypto", "JSON", "YAML", "FederationAPI", "Logging", "CLinux",
    ], swiftSettings: settings),
]

// Programs: parse flags, compose, nothing else.
let programLayer: [Target] = [
  .target(name: "CommandLineFlags", dependencies: ["CLinux"], swiftSettings: settings),
  .executableTarget(
    name: "federation-server",
    dependencies: [
      "CommandLineFlags", "FederationServer", "WorkloadAPI", "Providers", "SecretStores", "Ledger", "JSON", "Resources",
      "Kubernetes", "Transport", "HTTPClient", "Crypto", "FederationAPI", "Logging", "Threads", "CLinux",
      "CWipingMemory",
    ],
    swiftSettings: settings, linkerSettings: programLinking),
  .executableTarget(
    name: "esi-cli",
    dependencies: ["FederationClient", "FederationAPI", "Crypto", "Logging", "Threads", "CLinux", "CWipingMemory"],
    swiftSettings: settings, linkerSettings: programLinking),
  .executableTarget(
    name: "ese-agent",
    dependencies: [
      "CommandLineFlags", "Reconciler", "FederationClient", "Kubernetes", "HTTPClient", "FederationAPI", "Crypto",
      "Logging", "Threads", "CLinux", "CWipingMemory",
    ],
    swiftSettings: settings, linkerSettings: programLinking),
]

// Tests mirror Sources; TestSupport makes keys, certificates, tokens and issuers.
let testLayer: [Target] =
  [
    .target(
      name: "TestSupport",
      dependencies: [
        "HTTP1", "Transport", "Crypto", "COpenSSL", "JSON", "HTTPClient", "Kubernetes", "PostgreSQL",
        "FederationClient", "FederationAPI", "Logging", "CLinux",
      ], path: "Tests/TestSupport", swiftSettings: settings),
    .executableTarget(
      name: "test-oidc-issuer", dependencies: ["TestSupport", "CLinux"], path: "Tests/TestIssuer",
      swiftSettings: settings),
    .testTarget(
      name: "FederationClientTests",
      dependencies: ["TestSupport", "FederationClient", "Gateway", "HTTP1", "YAML", "esi-cli"],
      swiftSettings: settings),
    .testTarget(
      name: "EndToEndTests",
      dependencies: [
        "TestSupport", "FederationServer", "FederationClient", "TTRPC", "GRPC", "FederationProto", "Transport",
        "HTTPClient", "Crypto", "JSON", "Ledger", "Resources", "Kubernetes", "Reconciler", "WorkloadAPI",
        "FederationAPI", "Logging", "federation-server", "esi-cli", "ese-agent", "test-oidc-issuer",
      ], swiftSettings: settings),
  ]
  + [
    "FederationAPI", "Logging", "Threads", "FederationProto", "Transport", "Crypto", "YAML", "SQLite", "PostgreSQL",
    "JSON", "HTTPClient", "Kubernetes", "TTRPC", "HTTP1", "HTTP2", "GRPC", "Gateway", "Service", "Identity", "Policy",
    "SecretStores", "Providers", "Generators", "Ledger", "Resources", "WorkloadAPI", "FederationServer",
    "RegularExpressions", "ExternalSecrets",
    "Templates", "Reconciler",
  ].map { module in
    .testTarget(
      name: "\(module)Tests", dependencies: ["TestSupport", .init(stringLiteral: module)], swiftSettings: settings)
  }

// Fuzzing: the same targets are tests that replay the corpus, or, for scripts/fuzz.sh, a program around libFuzzer.
let fuzzDependencies: [Target.Dependency] = [
  "TestSupport", "FederationServer", "FederationClient", "TTRPC", "GRPC", "HTTP2", "HTTP1", "Gateway", "Identity",
  "SecretStores", "ExternalSecrets", "Templates", "Resources", "Kubernetes", "HTTPClient", "Transport", "PostgreSQL",
  "Crypto", "YAML", "RegularExpressions", "JSON", "FederationProto", "FederationAPI", "Logging", "CLinux",
  "Providers", "WorkloadAPI", "Threads",
]
let fuzzLayer: [Target] =
  Context.environment["FEDERATION_FUZZ"] == nil
  ? [.testTarget(name: "FuzzTests", dependencies: fuzzDependencies, exclude: ["Runner"], swiftSettings: settings)]
  : [
    .executableTarget(
      name: "fuzz", dependencies: fuzzDependencies, path: "Tests/FuzzTests", exclude: ["CorpusTests.swift"],
      swiftSettings: settings)
  ]

// Benchmarks: what measures a running server from outside.
let benchLayer: [Target] = [
  .target(
    name: "LoadGenerator",
    dependencies: [
      "Transport", "HTTP1", "HTTP2", "FederationProto", "FederationAPI", "JSON", "Crypto", "Logging", "CLinux",
    ],
    path: "bench/LoadGenerator", swiftSettings: settings),
  .executableTarget(
    name: "federation-bench",
    dependencies: ["LoadGenerator", "TestSupport", "JSON", "FederationAPI"],
    path: "bench/federation-bench", swiftSettings: settings),
  .testTarget(
    name: "LoadGeneratorTests",
    dependencies: [
      "LoadGenerator", "TestSupport", "FederationServer", "TTRPC", "FederationProto", "FederationAPI", "JSON",
      "Logging",
      "federation-bench",
    ], swiftSettings: settings),
]

let package = Package(
  name: "ese-federation",
  products: [
    .library(name: "FederationClient", targets: ["FederationClient", "FederationAPI"]),
    .executable(name: "federation-server", targets: ["federation-server"]),
    .executable(name: "esi-cli", targets: ["esi-cli"]),
    .executable(name: "ese-agent", targets: ["ese-agent"]),
  ],
  targets: cLayer + schemaLayer + transportLayer + wireLayer + domainLayer + compositionLayer
    + programLayer + testLayer + fuzzLayer + benchLayer
)
