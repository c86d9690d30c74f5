import JSON

/// Applies a template to data, once.
struct TemplateExecution {
  private let source: [UInt8]
  private var variables: [(name: String, value: TemplateValue)]
  private var budget: TemplateBudget
  private(set) var output: [UInt8] = []

  init(source: [UInt8], data: TemplateValue, limits: TemplateLimits) {
    self.source = source
    variables = [("", data)]
    budget = TemplateBudget(limits)
  }

  /// How a list of nodes ended.
  private enum Flow {
    case on
    case leave
    case next
  }

  /// Applies all of it with the data as the dot.
  mutating func run(_ nodes: [TemplateNode]) throws(TemplateError) {
    _ = try run(nodes, dot: variables[0].value)
  }

  private mutating func run(_ nodes: [TemplateNode], dot: TemplateValue) throws(TemplateError) -> Flow {
    for node in nodes {
      try at(0) { (budget) throws(TemplateFault) in try budget.step() }
      switch node {
      case .text(let text): try put(text, at: 0)
      case .action(let pipeline):
        let value = try value(of: pipeline, dot: dot)
        if pipeline.variables.isEmpty { try put(value.printed, at: pipeline.offset) }
      case .branch(let setsDot, let condition, let then, let otherwise):
        let scope = variables.count
        let value = try value(of: condition, dot: dot)
        let flow =
          try value.isTrue ? run(then, dot: setsDot ? value : dot) : run(otherwise, dot: dot)
        variables.removeSubrange(scope...)
        if flow != .on { return flow }
      case .range(let pipeline, let body, let otherwise):
        let scope = variables.count
        let flow = try range(pipeline, body, otherwise, dot: dot)
        variables.removeSubrange(scope...)
        if flow != .on { return flow }
      case .leave: return .leave
      case .next: return .next
      }
    }
    return .on
  }

  private mutating func range(
    _ pipeline: TemplatePipeline, _ body: [TemplateNode], _ otherwise: [TemplateNode], dot: TemplateValue
  ) throws(TemplateError) -> Flow {
    var silent = pipeline
    silent.variables = []
    let value = try self.value(of: silent, dot: dot)
    let elements: [(key: TemplateValue, value: TemplateValue)]
    switch value {
    case .null: elements = []
    case .list(let items): elements = items.enumerated().map { (.integer(Int64($0)), $1) }
    case .map(let members): elements = TemplateValue.sorted(members).map { (.text($0.key), $0.value) }
    default: throw fault(pipeline.offset, "range cannot go over \(value.kind)")
    }
    if elements.isEmpty { return try run(otherwise, dot: dot) }
    let scope = variables.count
    for element in elements {
      try at(pipeline.offset) { (budget) throws(TemplateFault) in try budget.step() }
      switch pipeline.variables.count {
      case 1: try set(pipeline.variables[0], element.value, pipeline)
      case 2:
        try set(pipeline.variables[0], element.key, pipeline)
        try set(pipeline.variables[1], element.value, pipeline)
      default: break
      }
      let flow = try run(body, dot: element.value)
      variables.removeSubrange(scope...)
      if flow == .leave { break }
    }
    return .on
  }

  private mutating func set(_ name: String, _ value: TemplateValue, _ pipeline: TemplatePipeline) throws(TemplateError)
  {
    if pipeline.declares { return variables.append((name, value)) }
    guard let index = variables.lastIndex(where: { $0.name == name }) else {
      throw fault(pipeline.offset, "there is no variable $\(name) here")
    }
    variables[index].value = value
  }

  // MARK: Values

  private mutating func value(of pipeline: TemplatePipeline, dot: TemplateValue) throws(TemplateError) -> TemplateValue
  {
    var result: TemplateValue?
    for command in pipeline.commands { result = try value(of: command, last: result, dot: dot) }
    let value = result ?? .null
    if let name = pipeline.variables.first { try set(name, value, pipeline) }
    return value
  }

  private mutating func value(
    of command: TemplateCommand, last: TemplateValue?, dot: TemplateValue
  ) throws(TemplateError) -> TemplateValue {
    try at(command.offset) { (budget) throws(TemplateFault) in try budget.step(1 + command.arguments.count) }
    guard let name = command.function, let function = TemplateFunction.all[name] else {
      guard let operand = command.arguments.first else { return last ?? .null }
      return try value(of: operand, dot: dot)
    }
    // These look at no more arguments than they need.
    if name == "and" || name == "or" { return try shortCircuit(command, isAnd: name == "and", last: last, dot: dot) }
    var arguments: [TemplateValue] = []
    for operand in command.arguments { arguments.append(try value(of: operand, dot: dot)) }
    if let last { arguments.append(last) }
    let called = arguments
    return try at(command.offset, of: name) { (budget) throws(TemplateFault) in
      for argument in called { try budget.handle(argument.byteCount) }
      let result = try function.body(called, &budget)
      try budget.handle(result.byteCount)
      return result
    }
  }

  private mutating func shortCircuit(
    _ command: TemplateCommand, isAnd: Bool, last: TemplateValue?, dot: TemplateValue
  ) throws(TemplateError) -> TemplateValue {
    var result: TemplateValue = .null
    for operand in command.arguments {
      result = try value(of: operand, dot: dot)
      if result.isTrue != isAnd { return result }
    }
    return last ?? result
  }

  private mutating func value(of operand: TemplateOperand, dot: TemplateValue) throws(TemplateError) -> TemplateValue {
    switch operand {
    case .constant(let value): return value
    case .dot(let fields, let offset): return try field(fields, of: dot, offset)
    case .variable(let name, let fields, let offset):
      guard let variable = variables.last(where: { $0.name == name }) else {
        throw fault(offset, "there is no variable $\(name) here")
      }
      return try field(fields, of: variable.value, offset)
    case .nested(let pipeline, let fields, let offset):
      return try field(fields, of: try value(of: pipeline, dot: dot), offset)
    case .call(let command): return try value(of: command, last: nil, dot: dot)
    }
  }

  private mutating func field(
    _ names: [String], of value: TemplateValue, _ offset: Int
  ) throws(TemplateError) -> TemplateValue {
    var value = value
    for name in names {
      try at(offset) { (budget) throws(TemplateFault) in try budget.step() }
      guard case .map(let members) = value else {
        throw fault(offset, "\(value.kind) has no field \"\(name.prefix(64))\"")
      }
      // As with Go's `missingkey=error`, which ESO sets.
      guard let member = members[name] else { throw fault(offset, "there is no key \"\(name.prefix(64))\"") }
      value = member
    }
    return value
  }

  // MARK: Output and faults

  private mutating func put(_ bytes: [UInt8], at offset: Int) throws(TemplateError) {
    guard output.count + bytes.count <= budget.valueBytes else {
      throw fault(offset, "the result would be longer than \(budget.valueBytes) bytes")
    }
    output += bytes
  }

  private mutating func at<Result>(
    _ offset: Int, of function: String? = nil, _ body: (inout TemplateBudget) throws(TemplateFault) -> Result
  ) throws(TemplateError) -> Result {
    do throws(TemplateFault) {
      return try body(&budget)
    } catch {
      throw fault(offset, (function.map { "\($0): " } ?? "") + error.message)
    }
  }

  private func fault(_ offset: Int, _ message: String) -> TemplateError {
    TemplateError(source, at: offset, message)
  }
}

extension TemplatePipeline {
  fileprivate var offset: Int { commands.first?.offset ?? 0 }
}
