import Observability

/// The service manager's sign of life, earned: a token goes through every part that a message goes through, one after
/// the other, and only when the last has let it go is the sign given.
///
/// A part that is stuck keeps the token. It is named after `patience`, and the service manager, which hears nothing any
/// more, starts the daemon again (`WatchdogSec=`, systemd.service(5)). A PostgreSQL that is away is no such part: its
/// connections say so in time, and to start the daemon again would not bring it back.
struct SignOfLife: Sendable {
    struct Part: Sendable {
        let name: String
        /// Returns once the token has gone through.
        let pass: @Sendable () async -> Void
    }

    let parts: [Part]
    /// How long a part may keep the token until it is named.
    var patience = Duration.seconds(30)
    let observe: Observer
    let give: @Sendable () -> Void

    /// One round.
    func earn() async {
        for part in parts {
            await hand(to: part)
            guard !Task.isCancelled else { return }
        }
        give()
    }

    private func hand(to part: Part) async {
        let start = ContinuousClock.now
        let waiting = Task { [patience, observe] in
            try await Task.sleep(for: patience)
            observe(.partStuck(part: part.name, seconds: (ContinuousClock.now - start).inSeconds))
        }
        await part.pass()
        waiting.cancel()
        if case .success = await waiting.result { observe(.partWentOn(part: part.name)) }
    }
}
