import Glibc
import Synchronization

/// `fuzz list` prints the targets; `fuzz TARGET [libFuzzer's arguments]` runs one.
///
/// libFuzzer keeps the process and calls back into it, so the target that was chosen is the module's.
let chosen = Mutex<FuzzTarget?>(nil)

@_silgen_name("LLVMFuzzerRunDriver")
func runDriver(
  _ count: UnsafeMutablePointer<Int32>,
  _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
  _ callback: @convention(c) (UnsafePointer<UInt8>?, Int) -> Int32
) -> Int32

func printError(_ text: String) {
  let line = Array("\(text)\n".utf8)
  _ = write(STDERR_FILENO, line, line.count)
}

let name = CommandLine.arguments.dropFirst().first ?? "list"
if name == "list" {
  for target in FuzzTarget.all { print(target.name) }
  exit(0)
}
guard let target = FuzzTarget.all.first(where: { $0.name == name }) else {
  printError("fuzz: no target is called \(name); `fuzz list` prints them")
  exit(2)
}
chosen.withLock { $0 = target }

// The target's name is no argument of libFuzzer's.
var count = CommandLine.argc - 1
var arguments = CommandLine.unsafeArgv + 1
exit(
  runDriver(&count, &arguments) { start, count in
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    do {
      try chosen.withLock { $0 }?.run(bytes)
    } catch {
      printError("fuzz: does not hold: \(error)")
      abort()
    }
    return 0
  })
