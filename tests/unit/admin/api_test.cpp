// From requests to answers, with a node that is none.
#include "api.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fake_node.hpp"

namespace godwit::admin {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

class ApiTest : public ::testing::Test {
protected:
    [[nodiscard]] Response send(Request request) {
        std::vector<Response> responses;
        api.handle(request, [&](Response one) { responses.push_back(std::move(one)); });
        EXPECT_EQ(responses.size(), 1);
        return responses.empty() ? Response{.status = 0} : std::move(responses.front());
    }
    [[nodiscard]] Response get(const std::string& target) { return ask("GET", target); }
    [[nodiscard]] Response ask(const std::string& method, const std::string& target,
                               const std::string& body = "") {
        return send({.method = method,
                     .target = target,
                     .host = "localhost",
                     .authorization = "Bearer secret-token-of-16",
                     .body = body});
    }

    // The message of an error with that status.
    [[nodiscard]] std::string error(const Response& response, unsigned status) {
        EXPECT_EQ(response.status, status) << response.body;
        const Json json = Json::parse(response.body, nullptr, false);
        if (!json.is_object() || !json.contains("error")) return response.body;
        return json["error"]["message"].get<std::string>();
    }

    test::FakeNode node;
    Settings settings;
    Api api{settings, node, "secret-token-of-16", [](const auto& work) { work(); }};
};

Json body_of(const Response& response) {
    EXPECT_EQ(response.status, 200) << response.body;
    EXPECT_EQ(response.content_type, "application/json");
    return Json::parse(response.body);
}

TEST_F(ApiTest, TellsEverybodyThatItIsThere) {
    const Response response = send({.target = "/healthz"});
    EXPECT_EQ(body_of(response), Json({{"status", "ok"}}));
}

TEST_F(ApiTest, TellsWhetherTheNodeIsReady) {
    const std::pair<Readiness, std::string> states[] = {
        {Readiness::starting, "starting"},
        {Readiness::stopping, "stopping"},
        {Readiness::store_failing, "store_failing"}};
    for (const auto& [state, word] : states) {
        node.is = state;
        const Response response = send({.target = "/readyz"});
        EXPECT_EQ(response.status, 503);
        EXPECT_EQ(Json::parse(response.body)["status"], word);
    }
    node.is = Readiness::ready;
    EXPECT_EQ(body_of(send({.target = "/readyz"}))["status"], "ready");
}

TEST_F(ApiTest, WantsTheTokenForAllOfTheApi) {
    for (const char* target : {"/api/v1/node", "/api/v1/clients/x", "/api/v1/openapi.json",
                               "/api/v1/nothing", "/api/v2/node"}) {
        const Response response = send({.target = target, .host = "localhost"});
        EXPECT_THAT(error(response, 401), HasSubstr("token")) << target;
        EXPECT_THAT(response.headers, Contains(Pair("WWW-Authenticate", "Bearer")));
    }
    for (const Route& route : routes()) {
        if (route.access != Route::Access::token) continue;
        const Response response = send({.method = std::string(route.method),
                                        .target = std::string(route.path),
                                        .host = "localhost",
                                        .authorization = "Bearer wrong"});
        EXPECT_EQ(response.status, 401) << route.path;
    }
}

TEST_F(ApiTest, ShowsMetricsToEverybodyUnlessToldOtherwise) {
    EXPECT_THAT(send({.target = "/metrics"}).body, HasSubstr("godwit_connections 0"));
    settings.open_metrics = false;
    Api closed(settings, node, "secret-token-of-16", [](const auto& work) { work(); });
    std::vector<unsigned> statuses;
    const Answer answer = [&](const Response& one) { statuses.push_back(one.status); };
    closed.handle({.target = "/metrics"}, answer);
    closed.handle({.target = "/metrics", .authorization = "Bearer secret-token-of-16"}, answer);
    EXPECT_THAT(statuses, ElementsAre(401, 200));
}

TEST_F(ApiTest, RefusesAForeignHostBeforeAnythingElse) {
    const Response response = send({.target = "/healthz", .host = "evil.example"});
    EXPECT_THAT(error(response, 421), HasSubstr("evil.example"));
}

TEST_F(ApiTest, ExchangesTheTokenForACookie) {
    Response response = send({.method = "POST",
                              .target = "/api/v1/session",
                              .host = "localhost",
                              .body = R"({"token": "secret-token-of-16"})"});
    ASSERT_EQ(response.status, 204) << response.body;
    std::string cookie;
    for (const auto& [name, value] : response.headers)
        if (name == "Set-Cookie") cookie = value;
    EXPECT_THAT(cookie, HasSubstr("HttpOnly; SameSite=Strict; Path=/"));
    EXPECT_THAT(cookie, ::testing::Not(HasSubstr("secret")));
    const std::string pair = cookie.substr(0, cookie.find(';'));

    EXPECT_EQ(send({.target = "/api/v1/stats", .host = "localhost", .cookies = pair}).status, 200);
    Request change{
        .method = "POST", .target = "/api/v1/reload", .host = "localhost", .cookies = pair};
    EXPECT_EQ(send(change).status, 403);
    change.origin = "http://evil.example";
    EXPECT_EQ(send(change).status, 403);
    change.origin = "http://localhost";
    EXPECT_EQ(send(change).status, 200);
}

TEST_F(ApiTest, GivesNoCookieForAnotherToken) {
    for (const char* body : {R"({"token": "wrong"})", R"({"token": ""})"}) {
        const Response response = send(
            {.method = "POST", .target = "/api/v1/session", .host = "localhost", .body = body});
        EXPECT_EQ(error(response, 401), "this is not the token");
    }
}

TEST_F(ApiTest, SaysWhichMethodsAPathTakes) {
    const Response response = ask("PUT", "/api/v1/clients/x");
    EXPECT_THAT(error(response, 405), HasSubstr("GET, DELETE"));
    EXPECT_THAT(response.headers, Contains(Pair("Allow", "GET, DELETE")));
    EXPECT_EQ(ask("POST", "/").status, 405);
}

TEST_F(ApiTest, KnowsNoOtherPaths) {
    for (const char* path : {"/nothing", "/api/v1/nothing", "/api/v1", "/api/v1/clients/",
                             "/healthz/", "/../etc/passwd", "/api/v1/openapi.json/x"})
        EXPECT_EQ(get(path).status, 404) << path;
    EXPECT_EQ(get("nothing").status, 400);
    EXPECT_EQ(get("/api/v1/clients/%zz").status, 400);
}

TEST_F(ApiTest, HidesBehindHeadersWhateverItAnswers) {
    for (const char* path : {"/", "/nothing", "/api/v1/node", "/healthz"}) {
        const Response response = get(path);
        EXPECT_THAT(response.headers, Contains(Pair("X-Content-Type-Options", "nosniff"))) << path;
        EXPECT_THAT(response.headers, Contains(Pair("Referrer-Policy", "no-referrer")));
        EXPECT_THAT(response.headers,
                    Contains(Pair("Content-Security-Policy", HasSubstr("default-src 'none'"))));
    }
    EXPECT_THAT(get("/api/v1/node").headers, Contains(Pair("Cache-Control", "no-store")));
}

TEST_F(ApiTest, ServesTheDashboardToBrowsers) {
    Response page = send({.target = "/", .host = "localhost"});
    EXPECT_EQ(page.status, 200);
    EXPECT_THAT(page.content_type, HasSubstr("text/html"));
    EXPECT_THAT(std::string(page.file), HasSubstr("<html"));
    std::string tag;
    for (const auto& [name, value] : page.headers)
        if (name == "ETag") tag = value;

    page = send({.target = "/", .host = "localhost", .if_none_match = tag});
    EXPECT_EQ(page.status, 304);
    EXPECT_TRUE(page.file.empty());

    page = send({.target = "/chart.js", .host = "localhost", .accept_encoding = "gzip, br"});
    EXPECT_THAT(page.headers, Contains(Pair("Content-Encoding", "gzip")));
    EXPECT_EQ(page.file.substr(0, 2), "\x1f\x8b");
}

TEST_F(ApiTest, HasNoDashboardWhereItIsOff) {
    settings.dashboard = false;
    Api without(settings, node, "secret-token-of-16", [](const auto& work) { work(); });
    std::vector<unsigned> statuses;
    without.handle({.target = "/"}, [&](Response one) { statuses.push_back(one.status); });
    EXPECT_THAT(statuses, ElementsAre(404));
}

TEST_F(ApiTest, RefusesWorkWhileTheNodeStartsAndStops) {
    for (const Readiness state : {Readiness::starting, Readiness::stopping}) {
        node.is = state;
        EXPECT_EQ(get("/api/v1/clients").status, 503);
        EXPECT_EQ(get("/healthz").status, 200);
    }
    node.is = Readiness::store_failing;
    EXPECT_EQ(get("/api/v1/clients").status, 200);
}

TEST_F(ApiTest, AnswersFromAnotherThreadsOutcomeOnItsOwn) {
    std::vector<std::function<void()>> posted;
    Api later(settings, node, "secret-token-of-16",
              [&](std::function<void()> work) { posted.push_back(std::move(work)); });
    int answers = 0;
    later.handle({.target = "/api/v1/clients", .authorization = "Bearer secret-token-of-16"},
                 [&](const Response&) { ++answers; });
    EXPECT_EQ(answers, 0);
    ASSERT_EQ(posted.size(), 1);
    posted.front()();
    EXPECT_EQ(answers, 1);
}

// --- Lists ---------------------------------------------------------------------------------------

TEST_F(ApiTest, ListsClients) {
    core::SessionView view;
    view.client_id = "sensor-1";
    view.connected = true;
    view.connected_at = core::WallTime(std::chrono::milliseconds(1'500));
    node.session_page = core::Page<core::SessionView>{.items = {view}, .next = "0:17"};
    const Json json = body_of(get("/api/v1/clients?q=Sen&connected=true&limit=7&cursor=x"));
    EXPECT_EQ(node.session_query.text, "Sen");
    EXPECT_EQ(node.session_query.connected, true);
    EXPECT_EQ(node.limit, 7);
    EXPECT_EQ(node.cursor, "x");
    EXPECT_EQ(json["next_cursor"], "0:17");
    const Json& item = json["items"][0];
    EXPECT_EQ(item["client_id"], "sensor-1");
    EXPECT_EQ(item["connected_at"], "1970-01-01T00:00:01.500Z");
    EXPECT_TRUE(item["user_name"].is_null());
    EXPECT_TRUE(item["expires_at"].is_null());
}

TEST_F(ApiTest, EndsAListWithoutACursor) {
    const Json json = body_of(get("/api/v1/clients"));
    EXPECT_EQ(node.limit, 100);
    EXPECT_EQ(node.cursor, "");
    EXPECT_FALSE(node.session_query.connected);
    EXPECT_EQ(json.dump(), R"({"items":[],"next_cursor":null})");
}

TEST_F(ApiTest, NamesTheParameterThatIsWrong) {
    const std::pair<const char*, const char*> wrong[] = {
        {"/api/v1/clients?limt=1",
         "unknown parameter 'limt'; known here: q connected limit cursor"},
        {"/api/v1/clients?limit=0", "parameter 'limit': expected 1 to 10000, got '0'"},
        {"/api/v1/clients?limit=10001", "parameter 'limit'"},
        {"/api/v1/clients?limit=-1", "parameter 'limit'"},
        {"/api/v1/clients?limit=1x", "parameter 'limit'"},
        {"/api/v1/clients?limit=", "parameter 'limit'"},
        {"/api/v1/clients?limit=1&limit=2", "parameter 'limit' is given twice"},
        {"/api/v1/clients?connected=yes", "parameter 'connected'"},
        {"/api/v1/clients?q=%ff", "parameter 'q' is not UTF-8"},
        {"/api/v1/node?x=1", "unknown parameter 'x'; none is known here"},
        {"/api/v1/subscriptions?match=a/%23", "parameter 'match' is not a topic name"},
        {"/api/v1/retained?filter=a%23", "parameter 'filter' is not a topic filter"},
        {"/api/v1/explain?topic=a", "parameter 'client_id' is missing"},
        {"/api/v1/explain?client_id=a", "parameter 'topic' is missing"},
        {"/api/v1/explain?client_id=a&topic=%2B", "parameter 'topic' is not a topic name"},
        {"/api/v1/subscribe", "parameter 'filter' is missing"},
        {"/api/v1/subscribe?filter=a%23", "parameter 'filter' is not a topic filter"},
        {"/api/v1/subscribe?filter=a&qos=3", "parameter 'qos': expected 0 to 2"},
    };
    for (const auto& [target, message] : wrong)
        EXPECT_THAT(error(get(target), 400), HasSubstr(message)) << target;
}

TEST_F(ApiTest, RefusesACursorOfNoList) {
    node.session_page.reset();
    node.subscription_page.reset();
    node.group_page.reset();
    node.retained_page.reset();
    for (const char* path : {"clients", "subscriptions", "shared", "retained"}) {
        const Response response = get(std::string("/api/v1/") + path + "?cursor=x");
        EXPECT_THAT(error(response, 400), HasSubstr("cursor")) << path;
    }
}

TEST_F(ApiTest, ListsWhatAPublicationWouldReach) {
    (void)get("/api/v1/subscriptions?client_id=c&filter=a/%23&match=a/b");
    EXPECT_EQ(node.subscription_query.client_id, "c");
    EXPECT_EQ(node.subscription_query.filter, "a/#");
    EXPECT_EQ(node.subscription_query.match, "a/b");
}

// --- One thing -----------------------------------------------------------------------------------

TEST_F(ApiTest, FindsAClientWhateverItIsCalled) {
    node.detail.emplace();
    node.detail->session.client_id = "a/b c";
    node.detail->will = core::WillView{.topic = "w", .qos = mqtt::Qos::at_least_once};
    node.detail->last_drops.push_back({.reason = core::DropReason::queue_full, .topic = "t"});
    const Json json = body_of(get("/api/v1/clients/a%2Fb%20c"));
    EXPECT_EQ(node.name, "a/b c");
    EXPECT_EQ(json["will"]["qos"], 1);
    EXPECT_EQ(json["last_drops"][0]["reason"], "queue_full");
    EXPECT_TRUE(json["subscriptions"].is_array());
}

TEST_F(ApiTest, SaysThatThereIsNoSuchThing) {
    node.found = false;
    EXPECT_EQ(get("/api/v1/clients/x").status, 404);
    EXPECT_EQ(ask("DELETE", "/api/v1/clients/x").status, 404);
    EXPECT_EQ(get("/api/v1/retained/a").status, 404);
    EXPECT_EQ(get("/api/v1/retained/%23").status, 404);
    EXPECT_EQ(ask("DELETE", "/api/v1/retained/a").status, 404);
    EXPECT_EQ(get("/api/v1/explain?client_id=x&topic=a").status, 404);
}

TEST_F(ApiTest, KicksAClient) {
    EXPECT_EQ(ask("DELETE", "/api/v1/clients/x").status, 204);
    EXPECT_FALSE(node.with_session);
    EXPECT_EQ(ask("DELETE", "/api/v1/clients/x?session=true").status, 204);
    EXPECT_TRUE(node.with_session);
}

TEST_F(ApiTest, ShowsARetainedMessage) {
    node.value =
        core::RetainedView{.topic = "a/b", .size = 2, .payload = {std::byte{'o'}, std::byte{'n'}}};
    const Json json = body_of(get("/api/v1/retained/a%2Fb"));
    EXPECT_EQ(node.topic, "a/b");
    EXPECT_EQ(json["payload"], "b24=");
    EXPECT_FALSE(json["truncated"]);
}

TEST_F(ApiTest, ExplainsByTheHighestQos) {
    node.explanation.emplace();
    node.explanation->verdict = core::Explanation::Verdict::subscribed;
    node.explanation->matches = {
        {.filter = "a"},
        {.filter = "#", .qos = mqtt::Qos::exactly_once, .rule = "acl.default"},
        {.filter = "+", .qos = mqtt::Qos::at_least_once}};
    const Json json = body_of(get("/api/v1/explain?client_id=c&topic=a"));
    EXPECT_EQ(json["qos"], 2);
    EXPECT_TRUE(json["delivered"]);
    EXPECT_TRUE(json["matches"][0]["acl"].is_null());
    EXPECT_EQ(json["matches"][1]["acl"], "acl.default");
    EXPECT_EQ(json["topic"], "a");
}

// --- Doing something -----------------------------------------------------------------------------

TEST_F(ApiTest, Publishes) {
    node.matched = 3;
    const Json json = body_of(
        ask("POST", "/api/v1/publish", R"({"topic":"a/b","payload":"on","qos":1,"retain":true})"));
    EXPECT_EQ(json["matched"], 3);
    EXPECT_EQ(node.published.topic, "a/b");
    EXPECT_EQ(node.published.payload.size(), 2);
    EXPECT_EQ(node.published.qos, mqtt::Qos::at_least_once);
    EXPECT_TRUE(node.published.retain);
}

TEST_F(ApiTest, PublishesBytes) {
    EXPECT_EQ(
        ask("POST", "/api/v1/publish", R"({"topic":"a","payload":"AP8=","encoding":"base64"})")
            .status,
        200);
    EXPECT_THAT(node.published.payload, ElementsAre(std::byte{0}, std::byte{0xff}));
}

TEST_F(ApiTest, NamesWhatIsWrongWithABody) {
    const std::pair<const char*, const char*> wrong[] = {
        {"", "not valid JSON at byte 1"},
        {R"({"topic": "a",})", "not valid JSON at byte 15"},
        {"[]", "not a JSON object"},
        {"{}", "'topic' is missing"},
        {R"({"topic": 1})", "'topic': expected a text"},
        {R"({"topic": "a/#"})", "'topic' is not a topic name"},
        {R"({"topic": ""})", "'topic' is not a topic name"},
        {R"({"topic": "a", "qos": 3})", "'qos': expected 0 to 2"},
        {R"({"topic": "a", "qos": "1"})", "'qos': expected 0 to 2"},
        {R"({"topic": "a", "retain": 1})", "'retain': expected true or false"},
        {R"({"topic": "a", "encoding": "hex"})", "'encoding': expected plain or base64"},
        {R"({"topic": "a", "encoding": "base64", "payload": "?"})", "'payload' is not base64"},
        {R"({"topic": "a", "pay": ""})", "unknown member 'pay'"},
    };
    for (const auto& [body, message] : wrong)
        EXPECT_THAT(error(ask("POST", "/api/v1/publish", body), 400), HasSubstr(message)) << body;
}

TEST_F(ApiTest, SurvivesAnyNesting) {
    EXPECT_EQ(ask("POST", "/api/v1/publish", std::string(1'000'000, '[')).status, 400);
    EXPECT_EQ(ask("POST", "/api/v1/publish", std::string(400'000, '[') + std::string(400'000, ']'))
                  .status,
              400);
}

TEST_F(ApiTest, TellsTheOutcomeOfAReload) {
    EXPECT_EQ(body_of(ask("POST", "/api/v1/reload"))["status"], "reloaded");
    node.reload_problem = "godwit.yaml:1:1: nonsense";
    EXPECT_EQ(error(ask("POST", "/api/v1/reload"), 422), "godwit.yaml:1:1: nonsense");
}

// --- Streams -------------------------------------------------------------------------------------

TEST_F(ApiTest, StreamsWhatHappens) {
    const Response response = get("/api/v1/events");
    ASSERT_NE(response.events, nullptr);
    EXPECT_EQ(response.content_type, "text/event-stream");
    node.witness.client_connected("c", std::nullopt, "1.2.3.4:5");
    node.witness.client_disconnected("c", "1.2.3.4:5", "disconnect");
    api.tick();
    const std::string text = response.events->take();
    EXPECT_THAT(text, HasSubstr("event: client.connected\ndata: {\"client_id\":\"c\",\"user_name\":"
                                "null,\"address\":\"1.2.3.4:5\"}\n\n"));
    EXPECT_THAT(text, HasSubstr("event: client.disconnected\n"));
    EXPECT_THAT(text, HasSubstr("event: stats\ndata: {\"time\":"));
}

TEST_F(ApiTest, WatchesTheNodeWhileSomebodyReads) {
    EXPECT_FALSE(node.witness.logged);
    {
        const Response response = get("/api/v1/log");
        node.witness.logged("a line");
        EXPECT_EQ(response.events->take(), "event: line\ndata: {\"text\":\"a line\"}\n\n");
        api.tick();
        EXPECT_TRUE(node.witness.logged);
    }
    api.tick();
    EXPECT_FALSE(node.witness.logged);
}

TEST_F(ApiTest, StreamsASubscription) {
    const Response response = get("/api/v1/subscribe?filter=a/%2B&qos=1");
    ASSERT_NE(response.events, nullptr);
    EXPECT_NE(response.source, nullptr);
    EXPECT_EQ(node.filter, "a/+");
    node.receiver.receive({.topic = "a/b", .payload = {std::byte{'x'}}});
    EXPECT_EQ(response.events->take(),
              "event: message\ndata: "
              "{\"topic\":\"a/b\",\"payload\":\"eA==\",\"qos\":0,\"retain\":false}\n\n");
    node.receiver.ended("kicked");
    EXPECT_EQ(response.events->take(), "event: ended\ndata: {\"reason\":\"kicked\"}\n\n");
    EXPECT_TRUE(response.events->exhausted());
}

}  // namespace
}  // namespace godwit::admin
