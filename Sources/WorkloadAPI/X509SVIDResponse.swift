import Crypto
import FederationAPI
import FederationProto

/// Reads what `FetchX509SVID` gives (proto/spiffe/workload/workload.proto).
enum X509SVIDResponse {
  /// The first SVID with all bundles. Throws INTERNAL for what is no such message, and what is wrong with the SVID.
  static func material(_ message: [UInt8], for role: SVIDRole) throws(RPCError) -> SPIFFEMaterial {
    let result: Result<SPIFFEMaterial, RPCError>
    do throws(ProtobufWireError) {
      result = try read(message, role)
    } catch {
      throw RPCError(.internal, "the Workload API's answer cannot be read: \(error)")
    }
    return try result.get()
  }

  private static func read(
    _ message: [UInt8], _ role: SVIDRole
  ) throws(ProtobufWireError) -> Result<SPIFFEMaterial, RPCError> {
    let bytes = message.span.bytes
    var reader = ProtobufReader(0..<message.count)
    var svid: Range<Int>?
    var federated: [(domain: String, der: [UInt8])] = []
    while let field = try reader.next(in: bytes) {
      switch (field.number, field.value) {
      case (1, .bytes(let range)): svid = svid ?? range
      case (3, .bytes(let range)):
        let entry = try fields(range, in: bytes)
        federated.append((bytes.text(entry[1] ?? 0..<0) ?? "", copy(entry[2], of: bytes)))
      default: break
      }
    }
    guard let svid else { return .failure(RPCError(.unavailable, "the Workload API gave no SVID")) }
    let entry = try fields(svid, in: bytes)
    var key = copy(entry[3], of: bytes)
    let secret = SecretBytes(wiping: &key)
    do throws(CryptoError) {
      let own = try X509SVID(der: copy(entry[2], of: bytes), pkcs8: secret, for: role)
      return .success(
        SPIFFEMaterial(svid: own, bundles: try bundles(own, copy(entry[4], of: bytes), federated)))
    } catch {
      return .failure(RPCError(.failedPrecondition, "what the Workload API gave cannot be used: \(error)"))
    }
  }

  /// The SVID's own bundle, and those of the trust domains that are federated with its.
  private static func bundles(
    _ svid: X509SVID, _ own: [UInt8], _ federated: [(domain: String, der: [UInt8])]
  ) throws(CryptoError) -> [String: SPIFFETrustBundle] {
    let domain = svid.leaf.trustDomain
    var bundles = [domain: try SPIFFETrustBundle(trustDomain: domain, der: own)]
    for (id, der) in federated {
      let name = id.hasPrefix("spiffe://") ? String(id.dropFirst("spiffe://".count)) : id
      // A bundle that cannot be read is as good as none, and no reason to be without the others.
      guard bundles[name] == nil, let bundle = try? SPIFFETrustBundle(trustDomain: name, der: der) else { continue }
      bundles[name] = bundle
    }
    return bundles
  }

  /// Where the length-delimited fields of the message in `range` stand, the last of each number.
  private static func fields(_ range: Range<Int>, in bytes: RawSpan) throws(ProtobufWireError) -> [Int: Range<Int>] {
    var reader = ProtobufReader(range)
    var fields: [Int: Range<Int>] = [:]
    while let field = try reader.next(in: bytes) {
      if case .bytes(let range) = field.value { fields[field.number] = range }
    }
    return fields
  }

  private static func copy(_ range: Range<Int>?, of bytes: RawSpan) -> [UInt8] {
    bytes.extracting(range ?? 0..<0).withUnsafeBytes { Array($0) }
  }
}
