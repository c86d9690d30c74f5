import ExternalSecrets
import FederationAPI

extension FederationHandlers {
  /// Resolves the data of an ExternalSecret against the stores and generators of this server.
  public func resolveExternalSecret(
    _ request: ResolveExternalSecretRequest, _ call: CallContext
  ) -> Reply<[String: SecretBytes]> {
    answer(call, request.caCertificates, holding: request.data.count + request.dataFrom.count) { caller, snapshot in
      let reading = self.reading(for: caller, call, snapshot)
      // Off the event loop: what is to be read of the request, and of the stores, takes its time.
      return .pending {
        do throws(RPCError) {
          let spec = try ExternalSecretSpec(data: request.data, dataFrom: request.dataFrom)
          let resolution = try ExternalSecretResolution(spec, store: request.store, reading, self.valueRoom) {
            generator in
            self.generate(generator, for: caller, call, snapshot)
          }
          return .success(try await resolution.values())
        } catch {
          return .failure(error)
        }
      }
    }
  }
}
