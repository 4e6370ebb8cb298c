#include "godwit/admin/interface.hpp"

#include <pthread.h>

#include <thread>

#include "server.hpp"
#include "token.hpp"

namespace godwit::admin {
namespace {

using boost::asio::ssl::context;

[[noreturn]] void fail(std::string_view key, const std::string& path,
                       const boost::system::error_code& error) {
    throw FileError("admin.tls." + std::string(key) + ": " + path + ": " + error.message());
}

Server::TlsContext read_tls(const std::optional<TlsSettings>& settings) {
    if (!settings) return nullptr;
    auto tls = std::make_shared<context>(context::tls_server);
    tls->set_options(context::no_tlsv1 | context::no_tlsv1_1 | SSL_OP_NO_RENEGOTIATION);
    boost::system::error_code error;
    tls->use_certificate_chain_file(settings->certificate, error);
    if (error) fail("certificate", settings->certificate, error);
    tls->use_private_key_file(settings->private_key, context::pem, error);
    if (error) fail("private_key", settings->private_key, error);
    return tls;
}

}  // namespace

void check_files(const Settings& settings) {
    (void)read_tls(settings.tls);
    (void)read_token(settings.token_file);
}

class Interface::Impl {
public:
    Impl(const Settings& settings, Node& node)
        : settings_(settings),
          server_(settings, node, read_or_make_token(settings.token_file), read_tls(settings.tls)),
          thread_([this] {
              pthread_setname_np(pthread_self(), "admin");
              server_.run();
          }) {}

    ~Impl() {
        server_.stop();
        thread_.join();
    }
    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;

    [[nodiscard]] const std::vector<std::string>& addresses() const { return server_.addresses(); }

    void reload() {
        server_.set(read_or_make_token(settings_.token_file), read_tls(settings_.tls));
    }

private:
    const Settings settings_;
    Server server_;
    std::thread thread_;
};

Interface::Interface(const Settings& settings, Node& node)
    : impl_(std::make_unique<Impl>(settings, node)) {}

Interface::~Interface() = default;

const std::vector<std::string>& Interface::addresses() const {
    return impl_->addresses();
}

void Interface::reload() {
    impl_->reload();
}

}  // namespace godwit::admin
