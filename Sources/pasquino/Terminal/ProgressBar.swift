import Foundation

/// How far a long work is, on standard error, and only on a terminal.
struct ProgressBar {
    private static let isShown = isatty(STDERR_FILENO) == 1
    private static let width = 30

    private let label: String
    private let total: Int
    private var shown = -1

    init(_ label: String, total: Int) {
        self.label = label
        self.total = max(total, 1)
    }

    mutating func show(_ done: Int) {
        let percent = min(100, done * 100 / total)
        guard ProgressBar.isShown, percent != shown else { return }
        shown = percent
        let full = percent * ProgressBar.width / 100
        let bar = String(repeating: "█", count: full) + String(repeating: "░", count: ProgressBar.width - full)
        write("\r\(label) \(bar) \(percent) %")
    }

    /// Takes the bar away.
    func clear() { if ProgressBar.isShown { write("\r\u{1B}[K") } }

    private func write(_ text: String) { Terminal.complain(text) }
}
