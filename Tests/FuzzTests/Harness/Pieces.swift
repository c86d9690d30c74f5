/// The same bytes as a network may bring them: in pieces whose sizes the bytes themselves decide, so that one input
/// always means one thing.
func pieces(of bytes: [UInt8]) -> [[UInt8]] {
  var random = bytes.reduce(UInt64(0xCBF2_9CE4_8422_2325)) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
  // Some inputs byte by byte, others in a few large pieces.
  let largest = 1 << (random >> 60)
  var pieces: [[UInt8]] = []
  var rest = bytes[...]
  while !rest.isEmpty {
    random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    let piece = rest.prefix(1 + Int(random >> 33) % largest)
    pieces.append(Array(piece))
    rest = rest.dropFirst(piece.count)
  }
  return pieces
}
