import Civic
import Synchronization

/// What all services of the city's account share, also over a change of the configuration: the rate of calls, which App
/// IO counts for the account as a whole, and the profiles that were looked up.
public final class AppIOAccount: Sendable {
    private struct State {
        var rate = AppIORate()
        var profiles: AppIOProfiles
        var profilesFor = Duration.seconds(6 * 3600)
    }

    private let state: Mutex<State>
    private let now: @Sendable () -> Timestamp
    private let wait: @Sendable (Duration) async -> Void

    /// - Parameters:
    ///   - wait: returns after a time, or before if the task is cancelled.
    ///   - profiles: that are remembered at most.
    public init(
        now: @escaping @Sendable () -> Timestamp, wait: @escaping @Sendable (Duration) async -> Void,
        profiles: Int = 100_000
    ) {
        self.now = now
        self.wait = wait
        state = Mutex(State(profiles: AppIOProfiles(capacity: profiles)))
    }

    func adapt(callsPerSecond: Double, profilesFor: Duration) {
        state.withLock {
            $0.rate.adapt(callsPerSecond: callsPerSecond)
            $0.profilesFor = profilesFor
        }
    }

    /// Waits for a call's place in the rate, and for the end of a pause that began meanwhile.
    func place() async {
        let time = state.withLock { $0.rate.take(at: now()) }
        if time > .zero { await wait(time) }
        while !Task.isCancelled, let rest = state.withLock({ $0.rate.pause(at: now()) }) { await wait(rest) }
    }

    /// The same for a call that can wait until notifications leave it a place.
    func sparePlace() async {
        while !Task.isCancelled {
            switch state.withLock({ $0.rate.takeSpare(at: now()) }) {
            case .granted(let after):
                if after > .zero { await wait(after) }
                guard let rest = state.withLock({ $0.rate.pause(at: now()) }) else { return }
                await wait(rest)
            case .askAgain(let after): await wait(after)
            }
        }
    }

    /// What any answer says of the rate.
    func heard(_ answer: AppIOAnswer) {
        let now = now()
        state.withLock {
            if let remaining = answer.remainingCalls { $0.rate.answered(remaining: remaining, at: now) }
            if answer.status == 429 { $0.rate.paused(until: now + (answer.retryAfter(now: now) ?? .seconds(5))) }
        }
    }

    func profile(of recipient: AppIORecipient, service: String) -> AppIOProfiles.Profile? {
        state.withLock { $0.profiles.find(recipient, service: service, at: now(), within: $0.profilesFor) }
    }

    func learn(_ profile: AppIOProfiles.Profile, of recipient: AppIORecipient, service: String) {
        state.withLock {
            guard $0.profilesFor > .zero else { return }
            $0.profiles.learn(profile, of: recipient, service: service, at: now())
        }
    }

    func forgetProfile(of recipient: AppIORecipient, service: String) {
        state.withLock { $0.profiles.forget(recipient, service: service) }
    }
}
