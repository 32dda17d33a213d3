import Dispatch
import Glibc
import Synchronization

/// Signals as events on a Dispatch queue. Made once for each signal in the life of a process: on Linux a source that is
/// cancelled takes the signal away from any other one.
final class Signals: @unchecked Sendable {  // the sources are made in init and only cancelled afterwards
    typealias Handlers = [Int32: @Sendable () -> Void]

    private let queue = DispatchQueue(label: "pasquino.signals")
    private let handlers: Mutex<Handlers>
    private var sources: [any DispatchSourceSignal] = []

    /// - Parameter handlers: by signal number; called one after another.
    init(_ handlers: Handlers) {
        self.handlers = Mutex(handlers)
        for number in handlers.keys {
            // Dispatch only sees a signal whose own action is out of the way.
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
            source.setEventHandler { [weak self] in self?.handlers.withLock { $0[number] }?() }
            source.activate()
            sources.append(source)
        }
    }

    /// Puts others in the place of the handlers, for the same signals.
    func replace(with others: Handlers) { handlers.withLock { $0 = others } }

    func cancel() { for source in sources { source.cancel() } }
}
