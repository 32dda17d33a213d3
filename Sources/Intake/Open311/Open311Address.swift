/// What an address below `/open311/v2` means.
enum Open311Address: Equatable {
    case discovery
    case services
    case service(String)
    case requests
    case request(String)
    case token(String)
    case updates

    /// - Parameters:
    ///   - resource: `requests.xml`, or `requests` if a name follows.
    ///   - name: `RM-7Q4K2MXD.xml`.
    static func read(_ resource: String, _ name: String?) -> (address: Open311Address, format: Open311Format)? {
        guard let name else {
            guard let (resource, format) = Open311Format.split(resource) else { return nil }
            return switch resource {
            case "discovery": (.discovery, format)
            case "services": (.services, format)
            case "requests": (.requests, format)
            case "servicerequestupdates": (.updates, format)
            default: nil
            }
        }
        guard let (name, format) = Open311Format.split(name) else { return nil }
        return switch resource {
        case "services": (.service(name), format)
        case "requests": (.request(name), format)
        case "tokens": (.token(name), format)
        default: nil
        }
    }
}
