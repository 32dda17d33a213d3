import Civic
import Foundation
import Synchronization
import Testing

/// Citizens who write, and an office that takes steps, one after the other on each ticket; what they were answered is
/// remembered.
final class Crowd: Sendable {
    /// How a citizen is told.
    enum Way: CaseIterable { case email, appIO, withoutApp }

    private struct State {
        var base: String
        var requests: [Int: History.Request] = [:]
        var steps: [Int: Int] = [:]
        var contradictions: [String] = []
        var refusals: [String] = []
        var isHeld = false
    }

    private let state: Mutex<State>
    private let steps: [String]

    init(base: String, steps: [String] = ["acknowledged", "in_progress", "resolved"]) {
        state = Mutex(State(base: base))
        self.steps = steps
    }

    func move(to base: String) { state.withLock { $0.base = base } }

    /// Held, it says nothing more; what is on its way is answered.
    func hold(_ isHeld: Bool) { state.withLock { $0.isHeld = isHeld } }

    var requests: [History.Request] { state.withLock { Array($0.requests.values) } }
    var acknowledged: Int { state.withLock { $0.requests.values.count { $0.ticket != nil } } }
    /// Messages that came to two different tickets.
    var contradictions: [String] { state.withLock { $0.contradictions } }
    /// How often nobody answered, or who did could not take it now.
    var retries: Int { state.withLock { $0.refusals.count } }
    /// What they said.
    var refusals: [String] { state.withLock { $0.refusals } }

    /// How many notifications each ticket's citizen is owed.
    var told: [String: Int] {
        state.withLock { state in
            var told: [String: Int] = [:]
            for (number, request) in state.requests {
                if let ticket = request.ticket { told[ticket] = 1 + (state.steps[number] ?? 0) }
            }
            return told
        }
    }

    /// Nobody waits for an answer to this one any more, if there was none.
    func isAnswered(_ number: Int) -> Bool { state.withLock { $0.requests[number]?.ticket != nil } }

    /// Takes a citizen's matter to its end: a message, and the steps of the office.
    /// - Parameter isGoing: false if no answer can come; then it is left as it is, and may be taken up again.
    /// - Returns: whether it is at its end.
    func pursue(
        _ number: Int, by way: Way, while isGoing: @Sendable () -> Bool = { true }
    ) async throws -> Bool {
        let text = "C'è una buca in via Gramsci \(number), «attenti»"
        let person = way == .email ? "" : #""fiscal_code":"\#(Crowd.person(number, of: way))","#
        let body = #"{"id":"m\#(number)","from":{\#(person)"email":"c\#(number)@example.org"},"text":"\#(text)"}"#
        state.withLock {
            if $0.requests[number] == nil {
                $0.requests[number] = History.Request(id: "m\(number)", text: text, body: body)
            }
        }
        if !isAnswered(number), try await !open(number, body, while: isGoing) { return false }
        while let (step, code) = nextStep(number) {
            let body = #"{"id":"\#(step)","status":"\#(step)","note":"fatto"}"#
            guard let answer = try await post(body, to: "/v1/tickets/\(code)/events", City.officeToken, while: isGoing)
            else { return false }
            try #require([200, 201].contains(answer.status), "\(answer.text)")
            state.withLock { $0.steps[number, default: 0] += 1 }
        }
        // Some forget that they have written.
        guard number % 4 == 0 else { return true }
        return try await open(number, body, while: isGoing)
    }

    private func open(_ number: Int, _ body: String, while isGoing: @Sendable () -> Bool) async throws -> Bool {
        guard let answer = try await post(body, to: "/v1/channels/portale/messages", City.token, while: isGoing)
        else { return false }
        let code = try #require(answer.member("ticket"), "\(answer.text)")
        state.withLock { state in
            if let earlier = state.requests[number]?.ticket, earlier != code {
                state.contradictions.append("m\(number)")
            }
            state.requests[number]?.ticket = code
        }
        return true
    }

    private func nextStep(_ number: Int) -> (step: String, code: String)? {
        state.withLock { state in
            let done = state.steps[number] ?? 0
            guard let code = state.requests[number]?.ticket, done < steps.count else { return nil }
            return (steps[done], code)
        }
    }

    /// Several at a time, each citizen in turn by another way.
    func pursue(_ numbers: Range<Int>, lanes: Int = 8) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for lane in 0..<lanes {
                group.addTask {
                    for number in numbers where number % lanes == lane {
                        _ = try await self.pursue(number, by: Way.allCases[number / lanes % Way.allCases.count])
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    /// Posts until it is acknowledged, as the contract asks: the same id is the same message.
    private func post(
        _ json: String, to path: String, _ token: String, while isGoing: @Sendable () -> Bool
    ) async throws -> HTTP.Answer? {
        while isGoing() {
            guard let base = state.withLock({ $0.isHeld ? nil : $0.base }) else {
                try await Task.sleep(for: .milliseconds(5))  // not a busy wait for the one who holds us
                continue
            }
            let refusal: String
            do {
                let answer = try await HTTP.post(base + path, body: Data(json.utf8), token: token)
                guard [429, 502, 503, 504].contains(answer.status) else { return answer }
                refusal = "\(path): \(answer.status) \(answer.text)"
            } catch {
                refusal = "\(path): \(error)"
            }
            state.withLock { $0.refusals.append(refusal) }
            try await Task.sleep(for: .milliseconds(20))  // a sender that gives the other side time
        }
        return nil
    }

    /// A fiscal code that fits. The sandbox knows by its beginning who has the app.
    static func person(_ number: Int, of way: Way) -> String {
        let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
        let digits = String("0\(number % 100)".suffix(2))
        let name = (way == .withoutApp ? "NOAMR" : "RSSMR") + String(letters[number / 100 % 26])
        for letter in letters {
            let code = "\(name)\(digits)A01H501\(letter)"
            if FiscalCode(code) != nil { return code }
        }
        return ""
    }
}
