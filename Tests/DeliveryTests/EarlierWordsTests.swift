import Civic
import Store
import Testing

@testable import Delivery

@Suite struct EarlierWordsTests {
    private static let steps = [
        OwedNotification.Earlier(kind: .acknowledged, at: Timestamp(seconds: 0), note: "Mario\n  se ne occupa"),
        .init(kind: .inProgress, at: Timestamp(seconds: 86_400), note: nil),
    ]

    private func lines(_ language: String, _ steps: [OwedNotification.Earlier] = steps) -> String? {
        EarlierWords(language: language).lines(steps) { "day \($0.seconds / 86_400)" }
    }

    @Test("a line for each step, its note on it; nothing for none")
    func format() {
        #expect(lines("it") == "day 0: presa in carico – Mario se ne occupa\nday 1: in lavorazione")
        #expect(lines("it", []) == nil)
        #expect(lines("it", [.init(kind: .resolved, at: Timestamp(seconds: 0), note: " ")]) == "day 0: risolta")
    }

    @Test("each language has words of its own for each step; another reads English")
    func languages() {
        for kind in TicketEvent.Kind.allCases {
            let told = ["it", "en", "es", "ro", "uk"].compactMap {
                lines($0, [.init(kind: kind, at: Timestamp(seconds: 0), note: nil)])
            }
            #expect(Set(told).count == 5, "\(kind): \(told)")
            #expect(lines("de", [.init(kind: kind, at: Timestamp(seconds: 0), note: nil)]) == told[1])
        }
    }
}
