import Testing

@testable import Civic

/// From the test vectors of the algorithm's authors: key 00 01 … 0f, message 00 01 … 07.
@Test func sipHashOfTheReference() {
    let key: (UInt64, UInt64) = (0x0706_0504_0302_0100, 0x0f0e_0d0c_0b0a_0908)
    #expect(sipHash(0x0706_0504_0302_0100, key: key) == 0x93f5_f579_9a93_2462)
}
