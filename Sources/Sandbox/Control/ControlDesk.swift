import Foundation
import Synchronization

/// Where everything about a running sandbox comes together: what it remembers and how it is told to behave.
final class ControlDesk: Sendable {
    private struct State {
        var io = AppIOFaults()
        var mail = MailFaults()
        var chat = ChatFaults()
        var office = OfficeFaults()
        var utility = OfficeFaults()
        var window = RateWindow()
        var mailWindow = RateWindow()
        /// How often each fault was shown.
        var shown: [String: Int] = [:]
    }

    let appIO: AppIODesk
    let mails: MailStore
    let chats: ChatStore
    let telegram = TelegramDesk()
    let mastodon = MastodonDesk()
    let offices: OfficeStore
    let utility = UtilityDesk()
    private let options: SandboxOptions
    private let state = Mutex(State())

    init(options: SandboxOptions) {
        self.options = options
        appIO = AppIODesk(options: options)
        mails = MailStore(options: options)
        chats = ChatStore(options: options)
        offices = OfficeStore(options: options)
    }

    var withoutApp: Set<String> { state.withLock { $0.io.withoutApp } }
    var maximumPayment: Int { state.withLock { $0.io.maximumPayment } }
    var mailFaults: MailFaults { state.withLock { $0.mail } }
    var chatFaults: ChatFaults { state.withLock { $0.chat } }
    /// With it the messengers' APIs are spoken to, whichever they are.
    var chatToken: String { options.chatToken }
    /// With it posts to offices are signed.
    var officeSecret: String { options.officeSecret }
    var utilityFaults: OfficeFaults { state.withLock { $0.utility } }
    func now() -> Date { options.now() }

    /// Takes one of the failures asked for with `fail_next`; nil when none is left.
    func takeMailFailure() -> Int? {
        state.withLock { state in
            if state.mail.failNext > 0 {
                state.mail.failNext -= 1
                return state.mail.failStatus
            }
            guard let limit = state.mail.rateLimit,
                case .refused = state.mailWindow.call(at: options.now(), limit: limit)
            else { return nil }
            state.shown["smtp_rate_limit", default: 0] += 1
            return 450
        }
    }

    /// The mail server behaves as it was asked to.
    func show(_ mode: MailFaults.Mode) {
        state.withLock { $0.shown["smtp_\(mode.rawValue)", default: 0] += 1 }
    }

    /// How often each fault was shown, such as `smtp_busy` and `io_rate_limit`.
    var shown: [String: Int] { state.withLock { $0.shown } }

    /// The status with which the next call of a messenger's API fails; nil: it goes its way.
    func takeChatFailure() -> Int? { state.withLock { $0.chat.takeFailure() } }

    /// How an office's next call ends: the status that was asked for, if one was, and the faults.
    func takeOfficeFailure(_ name: String) -> (Int?, OfficeFaults) {
        state.withLock { ($0.office.takeFailure(name), $0.office) }
    }

    func takeUtilityFailure() -> (Int?, OfficeFaults) {
        state.withLock { ($0.utility.takeFailure("utility"), $0.utility) }
    }

    /// The whole state, and the keys that are valid now.
    var json: JSONValue {
        let (io, mail, chat) = state.withLock { ($0.io, $0.mail, $0.chat) }
        let (office, utility) = state.withLock { ($0.office, $0.utility) }
        return [
            "io": io.json(primary: primaryKey(io), secondary: options.secondaryKey), "smtp": mail.json,
            "chat": chat.json(token: options.chatToken), "office": office.json, "utility": utility.json,
        ]
    }

    /// Applies a control request as a whole or not at all.
    func apply(_ request: JSONValue) throws(ControlError) {
        guard let members = request.object else { throw ControlError(detail: "the body must be a JSON object") }
        try state.withLock { (state) throws(ControlError) in
            var changed = state
            for (name, value) in members {
                switch name {
                case "io": try changed.io.apply(value)
                case "smtp": try changed.mail.apply(value)
                case "chat": try changed.chat.apply(value)
                case "office": try changed.office.apply(value, as: name)
                case "utility": try changed.utility.apply(value, as: name)
                default: throw ControlError(detail: "\(name) is not known")
                }
            }
            state = changed
        }
    }

    /// Forgets all that arrived and all that was asked for.
    func reset() {
        state.withLock { $0 = State() }
        appIO.reset()
        mails.reset()
        chats.reset()
        telegram.reset()
        mastodon.reset()
        offices.reset()
        utility.reset()
    }

    /// After each rotation the primary key is another one; the secondary goes on working meanwhile.
    private func primaryKey(_ io: AppIOFaults) -> String {
        io.rotations == 0 ? options.primaryKey : "\(options.primaryKey).\(io.rotations + 1)"
    }
}

extension ControlDesk {
    /// Decides about one App IO call: the key, the rate, then the faults.
    func admit(key: String?, isMessage: Bool) -> AppIOAdmission {
        state.withLock { state in
            let io = state.io
            guard let key else { return AppIOAdmission(verdict: .refuse(status: 401, message: Self.missingKey)) }
            guard let service = service(of: key, io) else {
                return AppIOAdmission(verdict: .refuse(status: 401, message: Self.invalidKey))
            }
            var admission = AppIOAdmission(verdict: .pass, service: service)
            guard Self.withinRate(&admission, &state, options.now()) else { return admission }
            if state.io.failNext > 0 {
                state.io.failNext -= 1
                admission.verdict = .refuse(status: io.failStatus, message: "Failure asked for through the control API")
                return admission
            }
            if io.mode == .normal || io.onlyMessages && !isMessage { return admission }
            state.shown["io_\(io.mode.rawValue)", default: 0] += 1
            Self.misbehave(&admission, io)
            return admission
        }
    }

    private func service(of key: String, _ io: AppIOFaults) -> AppIOSandboxService? {
        guard !io.revoked.contains(key) else { return nil }
        if let other = io.services.first(where: { $0.keys.contains(key) }) { return other }
        let keys = [primaryKey(io), options.secondaryKey]
        return keys.contains(key)
            ? AppIOSandboxService(name: AppIOSandboxService.usual, keys: keys, premium: io.premium) : nil
    }

    private static func withinRate(_ admission: inout AppIOAdmission, _ state: inout State, _ now: Date) -> Bool {
        guard let limit = state.io.limit(at: now) else { return true }
        switch state.window.call(at: now, limit: limit) {
        case .allowed(let remaining):
            admission.remaining = remaining
            return true
        case .refused(let seconds):
            state.shown["io_rate_limit", default: 0] += 1
            throttle(&admission, seconds)
            return false
        }
    }

    private static func misbehave(_ admission: inout AppIOAdmission, _ io: AppIOFaults) {
        switch io.mode {
        case .normal: break
        case .slow: admission.delay = .milliseconds(io.delay)
        case .broken: admission.verdict = .refuse(status: 500, message: "Internal server error")
        case .silent: admission.silent = true
        case .throttle: throttle(&admission, 1)
        case .reset: admission.verdict = .reset
        case .halfAnswer: admission.isHalf = true
        }
    }

    private static func throttle(_ admission: inout AppIOAdmission, _ seconds: Int) {
        admission.verdict = .refuse(
            status: 429, message: "Rate limit is exceeded. Try again in \(seconds) seconds.")
        admission.remaining = 0
        admission.retryAfter = seconds
    }

    private static let missingKey = "Access denied due to missing subscription key."
    private static let invalidKey = "Access denied due to invalid subscription key."
}
