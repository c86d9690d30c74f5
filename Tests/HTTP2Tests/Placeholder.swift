@testable import HTTP2
