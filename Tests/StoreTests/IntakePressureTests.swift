import Civic
import Synchronization
import Testing

@testable import Store

@Suite("intake's pressure")
final class IntakePressureTests: Sendable {
    private let moment = Mutex(Timestamp(seconds: 1_800_000_000))

    private func pass(_ time: Duration) { moment.withLock { $0 = $0 + time } }

    private func pressure() -> IntakePressure { IntakePressure(now: { self.moment.withLock { $0 } }) }

    @Test("a crowd in hand raises it, as many one after the other do not")
    func crowd() {
        let pressure = pressure()
        for _ in 0..<IntakePressure.crowd {
            pressure.begin()
            pressure.end()
        }
        for _ in 1..<IntakePressure.crowd { pressure.begin() }
        #expect(!pressure.isHigh)
        pressure.begin()
        #expect(pressure.isHigh)
    }

    @Test("it stays for a moment after it was raised, then it is let go gently")
    func lingers() {
        let pressure = pressure()
        #expect(!pressure.isHigh && pressure.deference == .none)
        pressure.raise()
        pass(IntakePressure.linger - .milliseconds(1))
        #expect(pressure.isHigh && pressure.deference == .most)
        pass(.milliseconds(1))
        #expect(!pressure.isHigh && pressure.deference == .some)
        pass(IntakePressure.ease - .milliseconds(1))
        #expect(pressure.deference == .some)
        pass(.milliseconds(1))
        #expect(pressure.deference == .none)
    }

    @Test("what is deferred goes on, a few at a time, after half a minute without a pause; a pause begins anew")
    func patience() {
        let pressure = pressure()
        let step = IntakePressure.linger / 2
        func keepUp(for time: Duration) {
            var passed = Duration.zero
            while passed < time {
                pressure.raise()
                pass(step)
                passed += step
            }
        }
        keepUp(for: .seconds(29))
        #expect(pressure.deference == .most)
        keepUp(for: .seconds(1))
        #expect(pressure.isHigh && pressure.deference == .some)
        pass(IntakePressure.linger)
        pressure.raise()
        #expect(pressure.isHigh && pressure.deference == .most)
    }

    @Test("a clock that is set back does not make it last")
    func setBack() {
        let pressure = pressure()
        pressure.raise()
        pass(.seconds(-3600))
        #expect(!pressure.isHigh)
        pressure.raise()
        #expect(pressure.isHigh)
        pass(IntakePressure.linger)
        #expect(!pressure.isHigh)
    }
}
