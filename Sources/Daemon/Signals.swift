import Dispatch
import Glibc

/// Signals as events on a Dispatch queue.
final class Signals: @unchecked Sendable {  // the sources are made in init and only cancelled afterwards
    private let queue = DispatchQueue(label: "pasquino.signals")
    private var sources: [any DispatchSourceSignal] = []

    /// - Parameter handlers: by signal number; called one after another.
    init(_ handlers: [Int32: @Sendable () -> Void]) {
        for (number, handler) in handlers {
            // Dispatch only sees a signal whose own action is out of the way.
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
            source.setEventHandler(handler: handler)
            source.activate()
            sources.append(source)
        }
    }

    func cancel() { for source in sources { source.cancel() } }
}
