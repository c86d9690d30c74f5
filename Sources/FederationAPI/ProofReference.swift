/// What the module that verified an identity keeps with it, to find out later whether the proof still holds.
///
/// No part of who somebody is: any two are equal.
public struct ProofReference: Hashable, Sendable {
  /// Known to who made it only; nil for proof that is looked at in another way.
  public let proof: (any AnyObject & Sendable)?

  /// Makes a reference.
  public init(_ proof: (any AnyObject & Sendable)? = nil) { self.proof = proof }

  /// True.
  public static func == (left: ProofReference, right: ProofReference) -> Bool { true }

  /// Adds nothing.
  public func hash(into hasher: inout Hasher) {}
}
