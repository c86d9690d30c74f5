/// What is wrong with a field's value and what to do, in words that stand after the field's name.
struct FieldFault: Error {
  var text: String
  init(_ text: String) { self.text = text }
}
