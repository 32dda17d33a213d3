import Foundation
import Hummingbird
import NIOCore

/// What a route knows besides the request.
public struct RouteContext: RequestContext {
    public var coreContext: CoreRequestContextStorage
    private let channel: any Channel

    public init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        channel = source.channel
    }

    /// Lets a large body come; tells a sender that asked (`Expect: 100-continue`, RFC 9110, 10.1.1) to send it.
    func wantBody() { channel.triggerUserOutboundEvent(BodyWanted(), promise: nil) }

    /// A part of the path, its percent-encoding undone; nil if that gives no UTF-8.
    func decoded(_ name: String) -> String? {
        guard let text = parameters.get(name), text.utf8.contains(UInt8(ascii: "%")) else {
            return parameters.get(name)
        }
        return text.removingPercentEncoding
    }
}
