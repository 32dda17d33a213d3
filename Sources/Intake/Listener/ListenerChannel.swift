import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP1
import NIOHTTPTypes
import NIOHTTPTypesHTTP1
import Store

/// Hummingbird's HTTP/1 connection with one request at a time and a guard.
struct ListenerChannel: HTTPChannelHandler {
    typealias Value = NIOAsyncChannel<HTTPRequestPart, HTTPResponsePart>

    /// A head of more is no sender's: answered with 400.
    private static let mostHeadBytes = 16 * 1024

    let responder: Responder
    let limits: ConnectionLimits
    let pressure: IntakePressure

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        channel.eventLoop.makeCompletedFuture {
            try channel.pipeline.syncOperations.addHandler(FirstRequest())
            try ListenerChannel.configure(channel.pipeline.syncOperations, limits: limits, pressure: pressure)
            try channel.pipeline.syncOperations.addHandler(HTTP1ToHTTPServerCodec(secure: false))
            return try NIOAsyncChannel(
                wrappingChannelSynchronously: channel, configuration: .init(isOutboundHalfClosureEnabled: true))
        }
    }

    func handle(value: Value, logger: Logger) async { await handleHTTP(asyncChannel: value, logger: logger) }

    /// From bytes to requests, guarded.
    static func configure(
        _ pipeline: ChannelPipeline.SynchronousOperations, limits: ConnectionLimits, pressure: IntakePressure
    ) throws {
        var most = NIOHTTPDecoderLimitConfiguration()
        most.maxHeaderFieldSize = mostHeadBytes
        most.maxHeaderListSize = mostHeadBytes
        most.maxHeaderFieldCount = 100
        // Parse errors are Hummingbird's to answer, and the names and values of headers are checked when they are made.
        try pipeline.configureHTTPServerPipeline(
            withPipeliningAssistance: true, withErrorHandling: false, withOutboundHeaderValidation: false,
            withEncoderConfiguration: .init(), withDecoderLimitConfiguration: most)
        try pipeline.addHandler(ConnectionGuard(limits: limits, pressure: pressure))
    }
}
