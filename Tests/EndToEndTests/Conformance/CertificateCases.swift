import TestSupport

extension ConformanceTable {
  /// The caller's `ca.crt`. Clusters of their own, because keys that are already here need no certificate.
  static let certificates: [ConformanceCase] = [
    .certificates("ca.crt of another authority", cluster: "cold-1", .unauthenticated) { $0.otherCA.certificatePEM },
    .certificates("ca.crt missing", cluster: "cold-2", .unauthenticated) { _ in [] },
    .certificates("ca.crt not PEM", cluster: "cold-3", .unauthenticated) { _ in Array("not a certificate".utf8) },
    .certificates("ca.crt with a PEM block that is no certificate inside", cluster: "cold-4", .unauthenticated) { _ in
      Array("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n".utf8)
    },
    .certificates("ca.crt holding a key", cluster: "cold-5", .unauthenticated) { $0.serverCertificate.keyPEM },
    .certificates("ca.crt cut in the middle", cluster: "cold-6", .unauthenticated) { world in
      Array(world.ca.certificatePEM.prefix(world.ca.certificatePEM.count / 2))
    },
    .certificates("D2: the first request of a new ca.crt succeeds", cluster: "warm-1", .value("s3cret")) { world in
      world.ca.certificatePEM
    },
    .certificates("D16: the right authority second in the bundle", cluster: "warm-2", .value("s3cret")) { world in
      world.otherCA.certificatePEM + world.ca.certificatePEM
    },
    .certificates("ca.crt with CRLF line ends and text around", cluster: "warm-3", .value("s3cret")) { world in
      Array("# our cluster\r\n".utf8)
        + world.ca.certificatePEM.flatMap { $0 == UInt8(ascii: "\n") ? [UInt8(ascii: "\r"), $0] : [$0] }
    },
    .certificates("ca.crt of 65536 bytes", cluster: "warm-4", .value("s3cret")) { world in
      world.ca.certificatePEM
        + Array(repeating: UInt8(ascii: "\n"), count: 65_536 - world.ca.certificatePEM.count)
    },
    .certificates("D23: ca.crt of 65537 bytes", .failureBeginning(.resourceExhausted, "request too large")) { world in
      world.ca.certificatePEM
        + Array(repeating: UInt8(ascii: "\n"), count: 65_537 - world.ca.certificatePEM.count)
    },
    .certificates("D23: ca.crt of a megabyte", .failureBeginning(.resourceExhausted, "request too large")) { _ in
      Array(repeating: UInt8(ascii: "a"), count: 1 << 20)
    },
    .certificates("D16: a pinned authority wins over the caller's", cluster: "pinned", .value("s3cret")) { world in
      world.otherCA.certificatePEM
    },
    .certificates("D16: the caller's authority does not win over a pinned one", cluster: "mispinned", .unauthenticated)
    { $0.ca.certificatePEM },
  ]
}
