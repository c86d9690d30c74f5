import CFederationProto

/// The descriptors of every service here, as `protoc` made them: an encoded `google.protobuf.FileDescriptorSet`.
public enum FileDescriptors {
  /// A copy of the set.
  public static var encodedSet: [UInt8] {
    Array(UnsafeBufferPointer(start: cfederation_file_descriptors(), count: federation_file_descriptors_size))
  }
}
