<?php
// The echo by one way, whose name comes before the arguments in trust.clients.programs.
// For PHP 7 and later.
[, $way, $port, , $text, $request, $frame, $reply] = $argv;

function stop($why)
{
    fwrite(STDERR, "$why\n");
    exit(1);
}

function by_streams($port, $said, $reply)
{
    $why = "";
    // The first warning has the reason; later ones only say that it failed.
    set_error_handler(function ($_, $text) use (&$why) {
        $why = $why ?: preg_replace('/^[\w]+\(\): /', "", $text);
        return true;
    });
    $connection = stream_socket_client("tls://localhost:$port", $code, $message, 10);
    if (!$connection) {
        stop($why ?: $message);
    }
    stream_set_timeout($connection, 10);
    fwrite($connection, $said);
    for ($answer = ""; strpos($answer, $reply) === false; $answer .= $more) {
        $more = fread($connection, 4096);
        if ($more === false || $more === "") {
            stop("the echo did not come: $why");
        }
    }
}

function by_curl($port)
{
    $request = curl_init("https://localhost:$port/");
    curl_setopt_array($request, [
        CURLOPT_RETURNTRANSFER => true,
        CURLOPT_FAILONERROR => true,
        CURLOPT_TIMEOUT => 10,
    ]);
    if (curl_exec($request) === false) {
        stop(curl_error($request));
    }
}

if ($way === "streams") {
    by_streams($port, hex2bin($request . $frame), hex2bin($reply));
} else {
    by_curl($port);
}
echo "$text\n";
