@testable import GRPC
