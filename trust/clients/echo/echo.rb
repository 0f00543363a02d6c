# The echo by one library, whose name comes before the arguments in trust.clients.programs.
# For Ruby 2.5 and later.
require "net/http"
require "openssl"
require "socket"

library, port, url, text = ARGV
port = port.to_i

def by_net_http(port)
  http = Net::HTTP.new("localhost", port, nil) # nil: past any proxy
  http.use_ssl = true
  http.open_timeout = http.read_timeout = 10
  answer = http.get("/")
  raise "the answer was #{answer.code}" unless answer.is_a?(Net::HTTPSuccess)
end

# The connection for websocket-driver, which opens none itself.
Wire = Struct.new(:url, :connection) do
  def write(data)
    connection.write(data)
  end
end

def by_websocket_driver(port, url, text)
  require "websocket/driver"
  context = OpenSSL::SSL::SSLContext.new
  context.set_params # as Net::HTTP: it verifies, with OpenSSL's store
  connection = OpenSSL::SSL::SSLSocket.new(Socket.tcp("localhost", port, connect_timeout: 10), context)
  connection.hostname = "localhost"
  connection.connect
  connection.post_connection_check("localhost")
  driver = WebSocket::Driver.client(Wire.new(url, connection))
  echo = nil
  driver.on(:open) { driver.text(text) }
  driver.on(:message) { |event| echo = event.data }
  driver.on(:error) { |event| raise event.message }
  driver.start
  until echo
    raise "the echo did not come" unless connection.to_io.wait_readable(10)
    driver.parse(connection.readpartial(4096))
  end
  raise "the echo was not what was sent" unless echo == text
end

begin
  library == "net/http" ? by_net_http(port) : by_websocket_driver(port, url, text)
rescue StandardError => error
  abort "#{error.class}: #{error.message}"
end
puts text
