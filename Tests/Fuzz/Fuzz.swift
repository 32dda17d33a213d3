import Foundation
import Fuzzing

/// One target under libFuzzer: `PASQUINO_FUZZ=NAME fuzz [libFuzzer's arguments]`; without a target, their names.
///
/// The name stands in the environment, for libFuzzer starts this program again with arguments of its own (-merge, -jobs).
@main struct Fuzz {
    /// libFuzzer as a library: returns when it has come to its end (llvm.org/docs/LibFuzzer.html).
    @_silgen_name("LLVMFuzzerRunDriver")
    private static func drive(
        _ count: UnsafeMutablePointer<CInt>,
        _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
        _ tryInput: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
    ) -> CInt

    nonisolated(unsafe) private static var target: FuzzTarget?

    static func main() {
        guard let name = ProcessInfo.processInfo.environment["PASQUINO_FUZZ"], !name.isEmpty else {
            for target in FuzzTarget.all { print("\(target.name)\t\(target.length)\t\(target.summary)") }
            return
        }
        guard let target = FuzzTarget.named(name) else {
            FileHandle.standardError.write(Data("fuzz: there is no target \(name)\n".utf8))
            exit(2)
        }
        Fuzz.target = target
        var count = CommandLine.argc
        var arguments = CommandLine.unsafeArgv
        exit(
            drive(&count, &arguments) { bytes, count in
                do {
                    try Fuzz.target?.run(Array(UnsafeBufferPointer(start: bytes, count: count)))
                } catch {
                    fatalError("\(error)")
                }
                return 0
            })
    }
}
