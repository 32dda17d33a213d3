import Delivery
import Synchronization

/// The App IO services of the configuration in force: who watches their messages follows a reload, and the operator sees
/// which of them are stopped.
final class AppIOGates: Sendable {
    private let watcher: AppIOWatcher
    private let services = Mutex<AppIOServices?>(nil)

    init(_ watcher: AppIOWatcher) { self.watcher = watcher }

    func adapt(to services: AppIOServices?, unread: Duration?) async {
        self.services.withLock { $0 = services }
        await watcher.adapt(services: services, unread: unread)
    }

    var gates: [(destination: String, reason: String?)] { services.withLock { $0 }?.gates ?? [] }
}
