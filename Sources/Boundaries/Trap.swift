#if DEBUG
    import Glibc
    import Synchronization
#endif

extension Boundary {
    /// Whether this process dies at some boundary. False in a release build, known when it is compiled.
    @inlinable public static var isArmed: Bool {
        #if DEBUG
            Trap.armed != nil
        #else
            false
        #endif
    }

    /// The process is at the boundary.
    @inlinable public func pass() {
        #if DEBUG
            Trap.armed?.pass(self)
        #endif
    }

    /// Runs `body`; the boundary is where a statement of it has left for PostgreSQL and is not answered.
    @inlinable public func whenSent<T, E: Error>(
        isolation: isolated (any Actor)? = #isolation, _ body: () async throws(E) -> T
    ) async throws(E) -> T {
        #if DEBUG
            return try await Trap.run(body, sending: self)
        #else
            return try await body()
        #endif
    }

    /// A statement of the current task has left.
    @inlinable public static func statementSent() {
        #if DEBUG
            Trap.statementSent()
        #endif
    }
}

#if DEBUG
    /// Where this process dies.
    @usableFromInline final class Trap: Sendable {
        @usableFromInline static let armed = fromEnvironment()
        /// The boundary that the current task's next statement is.
        @TaskLocal private static var sending: Boundary?

        private let boundary: Boundary
        private let last: Int
        private let passes = Atomic(0)

        private init(_ boundary: Boundary, pass: Int) {
            self.boundary = boundary
            last = pass
        }

        @usableFromInline func pass(_ boundary: Boundary) {
            guard boundary == self.boundary, passes.add(1, ordering: .relaxed).newValue == last else { return }
            kill(getpid(), SIGKILL)
            // Nothing happens on this thread after it.
            while true { pause() }
        }

        @usableFromInline static func run<T, E: Error>(
            _ body: () async throws(E) -> T, sending boundary: Boundary, isolation: isolated (any Actor)? = #isolation
        ) async throws(E) -> T {
            // `withValue` knows no typed errors.
            let result: Result<T, E> = await $sending.withValue(boundary) {
                do throws(E) { return .success(try await body()) } catch { return .failure(error) }
            }
            return try result.get()
        }

        @usableFromInline static func statementSent() { sending?.pass() }

        private static func fromEnvironment() -> Trap? {
            guard let value = getenv("PASQUINO_CRASH_AT") else { return nil }
            let text = String(cString: value)
            let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
            guard parts.count == 2, let boundary = Boundary(rawValue: parts[0]), let pass = Int(parts[1]), pass > 0
            else {
                let words = Array("PASQUINO_CRASH_AT=\(text): it must be NAME:PASS, NAME one of Boundary.swift\n".utf8)
                _ = write(STDERR_FILENO, words, words.count)
                _exit(64)
            }
            return Trap(boundary, pass: pass)
        }
    }
#endif
