import Ledger
import Providers
import Service

/// The families of what the server holds: tokens, watches, stores, credentials and its configuration.
extension MetricsText {
  mutating func addHoldings(_ service: ServiceMeasures) {
    add(
      "federation_verified_tokens", .gauge, "Tokens whose identity is remembered.",
      service.authentication.verifiedTokens)
    add("federation_key_sets", .gauge, "Key sets of issuers in memory.", service.authentication.keySets)
    add("federation_watches", .gauge, "WatchSecrets calls that are open.", service.watches)
    add("federation_watched_values", .gauge, "Values that are kept for watches.", service.watchedValues)
  }

  mutating func addStores(_ stores: [StoreMeasures], answeredAtOnce: [String: UInt64]) {
    func samples<Number: BinaryInteger>(_ value: (StoreMeasures) -> Number) -> [Sample] {
      stores.map { Sample([("store", $0.name)], value($0)) }
    }
    add(
      "federation_store_cache_hits_total", .counter, "Calls that a store's values in memory answered.",
      samples { $0.hits + (answeredAtOnce[$0.name] ?? 0) })
    add(
      "federation_store_cache_misses_total", .counter,
      "Calls for which a store's backend had to be asked, those that shared one question included.",
      samples(\.misses))
    add(
      "federation_store_stale_answers_total", .counter,
      "Values that were given past their time, because the store's backend erred.", samples(\.stale))
    add(
      "federation_store_backend_requests_total", .counter,
      "Questions that a store's backend was asked, each attempt counted.", samples(\.backendRequests))
    add(
      "federation_store_backend_failures_total", .counter,
      "Those that failed: \"outage\" for no answer or a senseless one, \"refused\" for credentials or a configuration that "
        + "do not do. A key that is missing is no failure.",
      stores.flatMap { store in
        [
          Sample([("store", store.name), ("kind", "outage")], store.backendOutages),
          Sample([("store", store.name), ("kind", "refused")], store.backendRefusals),
        ]
      })
    add(
      "federation_store_down", .gauge,
      "Whether a store's backend failed so often that it is only asked now and then whether it is back.",
      stores.map { Sample([("store", $0.name)], $0.isDown) })
    add("federation_store_cache_bytes", .gauge, "Memory that a store's values take.", samples(\.bytes))
    add(
      "federation_store_cache_entries", .gauge, "Values of a store in memory, and keys known to be missing.",
      samples(\.entries))
  }

  mutating func addCredentials(_ issuance: IssuanceMeasures?) {
    func one(_ value: UInt64?) -> [Sample] { value.map { [Sample([], $0)] } ?? [] }
    add(
      "federation_credentials_issued_total", .counter, "Credentials that were made and handed out.",
      one(issuance?.issued))
    add(
      "federation_credential_issue_failures_total", .counter, "Credentials that were asked for and not handed out.",
      one(issuance?.failed))
    add(
      "federation_credentials_removed_total", .counter, "Credentials that were taken back.", one(issuance?.removed))
    add(
      "federation_credential_cleanup_failures_total", .counter,
      "Cleanups of credentials that failed; they are tried again.", one(issuance?.cleanupFailures))
    add(
      "federation_credentials", .gauge,
      "Credentials in the ledger by phase, those of all servers that share it; of these only the one that reaps tells.",
      GeneratorState.Phase.allCases.compactMap { phase in
        issuance?.credentials?[phase].map { Sample([("phase", phase.rawValue)], $0) }
      })
  }

  mutating func addConfiguration(_ counts: ConfigurationCounts, refused: [String: Int], generation: UInt64) {
    let reloads = ConfigurationCounts.Subject.allCases.map { ($0.rawValue, counts[$0]) }
    add(
      "federation_reloads_total", .counter, "Changes that were taken up, and those that could not be used.",
      reloads.flatMap { what, reloads in
        [
          Sample([("what", what), ("result", "success")], reloads.succeeded),
          Sample([("what", what), ("result", "failure")], reloads.failed),
        ]
      })
    add(
      "federation_last_reload_successful", .gauge,
      "Whether the last change could be used; if not, the state before it is.",
      reloads.map { Sample([("what", $0)], $1.isGood) })
    add("federation_configuration_generation", .gauge, "Rises with each change that is taken up.", generation)
    let kinds = counts.resources.sorted { $0.key < $1.key }
    add(
      "federation_resources", .gauge,
      "Manifests or objects by kind; a refused one has a fault that its status and the log tell.",
      kinds.map { Sample([("kind", $0.key), ("state", "used")], $0.value) }
        + kinds.map { Sample([("kind", $0.key), ("state", "refused")], refused[$0.key] ?? 0) })
  }
}
