import PostgreSQL

extension FuzzTarget {
  /// Connection settings never show the password, whatever form they were given in.
  static let postgreSQLURL = FuzzTarget(text: "postgresql-url") { text in
    guard let settings = try? PostgreSQLSettings(parsing: text) else { return }
    try hold(settings.parameters["password"] == nil, "the password is kept apart")
    try hold(settings.description == "PostgreSQL settings", "nothing of the settings is shown")
  }
}
