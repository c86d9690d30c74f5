import CLinux
import CommandLineFlags
import Glibc
import Logging
import Threads

func dispatch(_ arguments: [String]) async -> Int32 {
  if arguments.contains("--help") {
    print(AgentOptions.usage)
    return 0
  }
  if arguments == ["--version"] {
    print("ese-agent 0.1.0")
    return 0
  }
  do throws(UsageError) {
    return await Agent(try AgentOptions(arguments)).run()
  } catch {
    Log.writeToStandardError("ese-agent: \(error)\nese-agent: --help lists the flags")
    return 2
  }
}

SignalStream.block(Agent.signals)
let arguments = Array(CommandLine.arguments.dropFirst())
Task.detached { endProcess(await dispatch(arguments)) }
// No `await` at top level: it would hand this thread to libdispatch, which unblocks every signal on it.
while true { pause() }
