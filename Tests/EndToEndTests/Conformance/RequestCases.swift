import JSON
import TestSupport

extension ConformanceTable {
  /// What is asked for, and in what words it comes back.
  static let requests: [ConformanceCase] =
    ConformanceWorld.values.map { entry in
      .asking("value: \(entry.name)", secret: entry.key, .value(entry.value))
    } + [
      .asking("missing key", secret: "nothing", .failure(.notFound, "no secret \"nothing\" in store \"app\"")),
      .asking(
        "key in another case", secret: "Password", .failure(.notFound, "no secret \"Password\" in store \"app\"")),
      .asking(
        "D22: a missing key with markup comes back as it was asked for", secret: "<b>&\"\u{2028}",
        .failureBeginning(.notFound, "no secret ")),
      .asking(
        "store name too long", store: String(repeating: "s", count: 254), secret: "password",
        .failure(.invalidArgument, "store is longer than 253 bytes")),
      .asking(
        "key too long", secret: String(repeating: "k", count: 1_025),
        .failure(.invalidArgument, "name is longer than 1024 bytes")),
      ConformanceCase("a bad request without a good token is refused for the token", .unauthenticated) { _ in "x" }
        .with { $0.secret = String(repeating: "k", count: 1_025) },
      .workload("a workload token of the same workload", .value("s3cret")) { try $0.token() },
      .workload("workload token with two parts", .failureBeginning(.invalidArgument, "invalid x-workload-token: ")) {
        _ in
        "only.two"
      },
      .workload("workload token garbage", .failureBeginning(.invalidArgument, "invalid x-workload-token: ")) { _ in
        "garbage"
      },
      .workload(
        "workload token without a namespace",
        .failure(.invalidArgument, "invalid x-workload-token: x-workload-token missing kubernetes.io.namespace")
      ) { try $0.token(claims: ["kubernetes.io": ["serviceaccount": ["name": "app", "uid": "u"]]]) },
      .workload(
        "workload token without a service account's name",
        .failure(
          .invalidArgument, "invalid x-workload-token: x-workload-token missing kubernetes.io.serviceaccount.name")
      ) { try $0.token(claims: ["kubernetes.io": ["namespace": "apps", "serviceaccount": ["uid": "u"]]]) },
      .workload(
        "workload token without a service account's uid",
        .failure(
          .invalidArgument, "invalid x-workload-token: x-workload-token missing kubernetes.io.serviceaccount.uid")
      ) { try $0.token(claims: ["kubernetes.io": ["namespace": "apps", "serviceaccount": ["name": "app"]]]) },
      ConformanceCase("a bad workload token of a stranger tells nothing", .unauthenticated) { _ in "x" }
        .with { $0.workloadToken = { _ in "garbage" } },
      ConformanceCase("a bad workload token comes before the grant", .failureBeginning(.invalidArgument, "invalid x-"))
        .with {
          $0.store = "other"
          $0.workloadToken = { _ in "garbage" }
        },
    ]
}
