import CommandLineFlags
import FederationServer

/// The flags of `serve` that say where what is issued is recorded, and how long it lives.
enum IssuanceFlags {
  static let usage = """
      --ledger URL            PostgreSQL ledger that several servers share, instead of the one in --data;
                              also $FEDERATION_LEDGER, or --ledger-file FILE, which keep its password out of `ps`
      --lease-seconds N       life of a credential whose generator sets none, default 86400; 0 until it is revoked
      --revocation-grace N    seconds that a grant has to be gone before its credentials are taken back, default 30
      --audit-days N          how long the audit trail is kept, default 90
    """

  static let flags: [FlagParser.Flag] =
    LedgerFlags.sharedNames.map { FlagParser.Flag($0) } + [
      .init("lease-seconds"), .init("revocation-grace"), .init("audit-days"),
    ]

  static func apply(_ line: FlagParser.Parsed, to configuration: inout ServerConfiguration) throws(UsageError) {
    configuration.ledger = try LedgerFlags.shared(line)
    let tenYears = 10 * 366 * 86_400
    if let seconds = try line.integer("lease-seconds", in: 0...tenYears) {
      configuration.issuance.defaultLeaseSeconds = seconds == 0 ? nil : Int64(seconds)
    }
    if let seconds = try line.integer("revocation-grace", in: 0...86_400) {
      configuration.issuance.revocationGraceSeconds = Int64(seconds)
    }
    if let days = try line.integer("audit-days", in: 1...3_660) {
      configuration.issuance.auditRetentionDays = Int64(days)
    }
  }
}
