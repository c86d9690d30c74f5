/// A template's text taken apart.
indirect enum TemplateNode: Sendable {
  case text([UInt8])
  /// `{{ pipeline }}`.
  case action(TemplatePipeline)
  /// `{{ if }}` and `{{ with }}`.
  case branch(setsDot: Bool, TemplatePipeline, then: [TemplateNode], otherwise: [TemplateNode])
  case range(TemplatePipeline, body: [TemplateNode], otherwise: [TemplateNode])
  case leave
  case next
}

/// Commands, each of which gets the result of the one before as its last argument.
struct TemplatePipeline: Sendable {
  /// `$name :=` or `$name =`; two names only in `range`.
  var variables: [String]
  var declares: Bool
  var commands: [TemplateCommand]
}

/// A value, or a function with its arguments.
struct TemplateCommand: Sendable {
  /// Where it begins.
  var offset: Int
  /// Nil for a command that is a value.
  var function: String?
  var arguments: [TemplateOperand]
}

/// What stands as a value in a command.
indirect enum TemplateOperand: Sendable {
  case constant(TemplateValue)
  /// `.a.b`; no fields for the dot alone.
  case dot(fields: [String], offset: Int)
  /// `$name.a`; the variable `$` is the data.
  case variable(String, fields: [String], offset: Int)
  /// `(pipeline).a`.
  case nested(TemplatePipeline, fields: [String], offset: Int)
  /// A function without arguments among the arguments of another.
  case call(TemplateCommand)
}
